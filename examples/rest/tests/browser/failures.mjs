import assert from 'node:assert/strict';
import { reader } from './browser.mjs';
import { inspector } from './inspect.mjs';
import { signIn } from './sign-in.mjs';
import { TEXTS } from './texts.mjs';

/** What the page says where there is nothing, or where something fails. */
export async function failures({ browser, url, token }) {
  for (const language of ['en', 'zh-TW']) {
    const { context, page, complaints } = await reader(browser, { language });
    const { w } = TEXTS[language];
    const inspect = inspector({ language, device: 'desktop' });
    await signIn({ page, complaints }, url, token, w);
    for (const place of ['#/nowhere', '#/interviews/nothing', '#/scorecards/nothing', '#/room/nothing']) {
      // From elsewhere, so that the text is not the one of the page before.
      await page.goto('about:blank');
      await page.goto(url + place);
      await page.getByText(w.errors.notFound).waitFor();
      assert.equal(await page.getByRole('button', { name: w.retry }).count(), 0, 'trying again would not help');
    }
    await inspect(page, 'not-found');
    await page.goto(`${url}#/`);
    await page.locator('.filters').waitFor();
    await page.route('**/interviews?*', (route) => route.fulfill({ json: { interviews: [], total: 0 } }));
    await page.reload();
    await page.getByText(w.list.emptyHint).waitFor();
    await inspect(page, 'list-empty');
    await page.unroute('**/interviews?*');
    for (const [status, text] of [[503, w.errors.busy], [502, w.errors.model], [0, w.errors.unreachable]]) {
      await page.route('**/interviews?*', (route) => (status ? route.fulfill({ status, json: { error: 'no' } }) : route.abort()));
      await page.reload();
      await page.getByText(text).waitFor();
      await page.unroute('**/interviews?*');
    }
    await inspect(page, 'unreachable');
    await page.getByRole('button', { name: w.retry }).click();
    await page.locator('.filters').waitFor();
    await context.close();
  }
}
