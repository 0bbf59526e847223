import assert from 'node:assert/strict';
import { reader } from './browser.mjs';
import { signIn } from './sign-in.mjs';
import { TEXTS } from './texts.mjs';

const { w, answers } = TEXTS.en;

/** No word is lost and none is said twice, whatever the connection does. */
export async function connection({ browser, url, token, api }) {
  const { context, page, complaints } = await reader(browser);
  await signIn({ page, complaints }, url, token, w);
  const { id } = await api.session({ questions: ['One?', 'Two?', 'Three?', 'Four?'] });
  await page.goto(`${url}#/room/${id}`);
  const area = page.getByLabel(w.room.label);
  const messages = page.locator('.log .message');
  await messages.first().waitFor();

  // The reply to a message that the service has stored is lost: sent again under its key, it is not stored again.
  const keys = [];
  await page.route('**/message', async (route) => {
    keys.push(route.request().headers()['idempotency-key']);
    if (keys.length > 1) return route.continue();
    await route.fetch();
    await route.abort();
  });
  await area.fill(answers[0]);
  await area.press('Control+Enter');
  await page.waitForFunction(() => document.querySelectorAll('.log .message').length === 3);
  await page.waitForFunction(() => document.querySelector('.send')?.getAttribute('aria-disabled') === 'false');
  assert.ok(keys.length >= 2 && new Set(keys).size === 1, `sent as ${keys.join(', ')}`);
  assert.deepEqual(await api.answers(id), [answers[0]]);
  await page.unroute('**/message');

  // Without a network, what is sent waits, what is written stays, also over a reload once the network is back.
  await context.setOffline(true);
  await area.fill(answers[1]);
  await area.press('Control+Enter');
  await page.locator('.undelivered').waitFor();
  await page.locator('.link-state:not(:empty)').waitFor();
  assert.equal(await page.locator('.link-state').textContent(), w.room.offline);
  await area.fill('written meanwhile');
  assert.deepEqual(await api.answers(id), [answers[0]]);
  await context.setOffline(false);
  await messages.nth(4).waitFor();
  assert.deepEqual(await api.answers(id), answers);
  assert.equal(await area.inputValue(), 'written meanwhile');

  // Said elsewhere, heard here.
  await api.post(`/chat/${id}/message`, { message: 'from another window' });
  await messages.nth(6).waitFor();
  assert.ok((await messages.nth(5).textContent()).includes('from another window'));
  const shown = await page.locator('.log .content').allTextContents();
  const stored = (await api.get(`/chat/${id}`)).messages.map(({ content }) => content);
  assert.deepEqual(shown, stored, 'the page shows what is stored, in its order');

  // A refused message goes back to where it was written.
  await page.route('**/message', (route) => route.fulfill({ status: 400, contentType: 'application/json', body: '{"error":"no"}' }));
  await area.fill('refused');
  await area.press('Control+Enter');
  await page.getByRole('button', { name: w.room.takeBack }).click();
  assert.equal(await area.inputValue(), 'refused');
  await page.unroute('**/message');

  // Whose token has expired in the middle is told.
  const closed = { status: 401, contentType: 'application/json', body: '{"error":"Missing or invalid token"}' };
  await page.route(`**/chat/${id}**`, (route) => route.fulfill(closed));
  await page.evaluate(() => globalThis.dispatchEvent(new Event('online')));
  await page.getByText(w.room.expired).waitFor();
  assert.equal(await area.inputValue(), 'refused', 'and what was written is still there');
  await page.unroute(`**/chat/${id}**`);
  await page.reload();
  await area.waitFor();

  // Ended elsewhere: the page says so, and keeps nothing of what was written.
  await api.post(`/chat/${id}/end`);
  await page.getByRole('heading', { name: w.room.ended }).waitFor();
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).filter((key) => /draft|unsent/.test(key))), []);
  await context.close();
}
