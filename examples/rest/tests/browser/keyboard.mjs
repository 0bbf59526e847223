import assert from 'node:assert/strict';
import { reader } from './browser.mjs';
import { signIn } from './sign-in.mjs';
import { TEXTS } from './texts.mjs';

/** The page with the keyboard alone; the choice of language; what may not be seen. */
export async function keyboard({ browser, url, token, api }) {
  const { w } = TEXTS.en;
  const { context, page, complaints } = await reader(browser, { motion: 'no-preference' });
  await signIn({ page, complaints }, url, token, w);
  const { id } = await api.session({ candidate_name: 'Keyboard' });
  await page.goto(`${url}#/`);
  await page.reload();
  await page.locator('.rows').waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), w.skip, 'the first stop leads past the navigation');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'MAIN');
  assert.equal(new URL(page.url()).hash, '#/', 'the address stays');
  await tabTo(page, 'Keyboard');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Keyboard' }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1', 'a new page begins at its heading');
  await tabTo(page, w.interview.open);
  await page.keyboard.press('Enter');
  await page.locator('.composer').waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), w.room.end);
  for (let stop = 0; stop < 5 && (await page.evaluate(() => document.activeElement?.id)) !== 'answer'; stop += 1) await page.keyboard.press('Tab');
  await page.keyboard.type('By hand');
  await page.keyboard.press('Control+Enter');
  await page.locator('.log .message').nth(2).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'answer', 'the focus stays where one writes');
  assert.deepEqual(await api.answers(id), ['By hand']);

  // The language is chosen, remembered, and does not take what was written.
  await page.keyboard.type('half a thought');
  await page.locator('header.top select').selectOption('zh-TW');
  await page.getByRole('button', { name: TEXTS['zh-TW'].w.room.send }).waitFor();
  assert.equal(await page.locator('#answer').inputValue(), 'half a thought');
  await page.reload();
  await page.getByRole('button', { name: TEXTS['zh-TW'].w.room.send }).waitFor();
  assert.equal(await page.getAttribute('html', 'lang'), 'zh-TW');
  assert.deepEqual(complaints, []);
  await context.close();
}

function focused(page) {
  return page.evaluate(() => document.activeElement?.textContent?.trim());
}

async function tabTo(page, text) {
  for (let stop = 0; stop < 60; stop += 1) {
    await page.keyboard.press('Tab');
    if ((await focused(page)) === text) return;
  }
  assert.fail(`the keyboard does not reach ${text}`);
}
