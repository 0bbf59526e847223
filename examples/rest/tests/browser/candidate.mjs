import assert from 'node:assert/strict';
import { reader } from './browser.mjs';
import { inspector } from './inspect.mjs';
import { signIn } from './sign-in.mjs';
import { TEXTS } from './texts.mjs';

/** A candidate with a link: one session and nothing else, to its end by itself. */
export async function candidate({ browser, url, token, api, directory }) {
  const { w } = TEXTS['zh-TW'];
  const interview = await api.interview({ candidate_name: '陳柏翰', interview_language: 'zh-TW', questions: ['什麼是死結？'], max_answers: 1 });
  const staff = await reader(browser, { language: 'zh-TW' });
  await signIn(staff, url, token, w);
  await staff.page.goto(`${url}#/interviews/${interview.id}`);
  await staff.page.getByRole('button', { name: w.interview.invite }).click();
  const dialog = staff.page.getByRole('dialog');
  const link = await dialog.getByLabel(w.interview.link).inputValue();
  await inspector({ directory, pictures: 'light', language: 'zh-TW', device: 'desktop' })(staff.page, 'invite');
  await dialog.getByRole('button', { name: w.close }).click();
  await staff.page.locator('.entry').first().waitFor();

  // The candidate's browser speaks another language, and none was chosen: the page takes the interview's.
  const { context, page, complaints } = await reader(browser, { device: 'phone', language: 'en' });
  await page.goto(link);
  await page.locator('.composer').waitFor();
  assert.equal(await page.getAttribute('html', 'lang'), 'zh-TW');
  if (token) {
    assert.ok(!page.url().includes('vvc_'), 'the token is out of the address');
    assert.equal(await page.locator('header.top nav').count(), 0, 'a candidate sees no navigation');
    await page.reload();
    await page.locator('.composer').waitFor();
  }
  await page.locator('#answer').fill('兩個執行緒各自握有對方需要的鎖。');
  await page.getByRole('button', { name: w.room.send }).tap();
  await page.getByRole('heading', { name: w.room.ended }).waitFor();
  if (token) {
    assert.ok(await page.getByText(w.room.thanks).isVisible());
    assert.equal(await page.getByRole('link', { name: w.room.toScorecard }).count(), 0);
    await inspector({ directory, pictures: 'light', language: 'zh-TW', device: 'phone' })(page, 'candidate-ended');
    assert.deepEqual(complaints, []);
    await page.goto(`${url}#/interviews/${interview.id}`);
    await page.getByRole('heading', { name: w.signIn.title }).waitFor();
    await page.goto(`${url}#/room/${interview.id}/vvc_wrong`);
    await page.getByText(w.room.expired).waitFor();
  }
  // A session that ended by itself is judged without anybody asking.
  for (let tries = 0; ; tries += 1) {
    const { evaluations } = await api.get(`/interviews/${interview.id}/evaluations`);
    if (evaluations.some(({ status }) => status === 'completed')) break;
    assert.ok(tries < 50, 'it is judged');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await context.close();
  await staff.context.close();
}
