import assert from 'node:assert/strict';
import { reader } from './browser.mjs';
import { fits } from './inspect.mjs';
import { signIn } from './sign-in.mjs';
import { TEXTS } from './texts.mjs';

const { w } = TEXTS.en;
const MARKUP = '<img src=x onerror="globalThis.hit=1"><script>globalThis.hit=1</script><svg onload=globalThis.hit=1>{{7*7}}${7*7}</textarea></title>"\'';
const LONG = 'Wolfeschlegelsteinhausenbergerdorff'.repeat(5);
const TURNED = 'نور الدين \u202Eretsasid\u2066 \u200F \u0007 ';
const PICTURES = '👩‍👩‍👧‍👦🏳️‍🌈𝒜𠮷 zalgo̷̢͓̖͈';

/** Whole characters only. */
const cut = (text, length) => [...text].slice(0, length).join('');

/** Texts that try to be markup, to turn the page around, to burst it, or to move the quotes: they are shown, and do nothing. */
export async function hostile({ browser, url, token, api }) {
  for (const text of [MARKUP, LONG, TURNED, PICTURES]) {
    const question = { text: `${text} ?`, reference_answer: text, key_points: [text] };
    const interview = await api.interview({ candidate_name: cut(text, 200), questions: [question, 'Two?'], job_description: text });
    const session = await api.post(`/interviews/${interview.id}/chat/start`);
    const answer = `${PICTURES} ${text} I take locks in one order, and I hold them briefly. ${text}`;
    await api.post(`/chat/${session.id}/message`, { message: answer });
    const other = await api.post(`/interviews/${interview.id}/chat/start`);
    const evaluation = await api.post(`/chat/${session.id}/end`);
    const change = await api.post(`/evaluation/${evaluation.id}/override`, { score: 0.5, reason: text, by: cut(text, 200) });
    const places = [
      [`#/?candidate_name=${encodeURIComponent(cut(text, 20))}`, '.row, .state'],
      [`#/interviews/${interview.id}`, '.plan'],
      ['#/new', '.prepare'],
      [`#/room/${session.id}`, '.ending'],
      [`#/room/${other.id}`, '.composer'],
      [`#/scorecards/${change.id}`, '.alert-change'],
      [`#/${encodeURIComponent(text)}`, '.state'],
    ];
    for (const device of ['small', 'desktop']) {
      const { context, page, complaints } = await reader(browser, { device });
      await signIn({ page, complaints }, url, token, w);
      for (const [place, sign] of places) {
        await page.goto(url + place);
        await page.locator(sign).first().waitFor();
        await fits(page, `${place} on a ${device}`);
        const made = await page.evaluate(() => ({
          hit: globalThis.hit,
          foreign: document.querySelectorAll('body script, body img, body iframe, body style, body link, body object, [onerror], [onload], [style]:not(textarea)').length,
        }));
        assert.deepEqual(made, { hit: undefined, foreign: 0 }, place);
      }
      await page.goto(`${url}#/scorecards/${change.id}`);
      await page.locator('.exchange').first().waitFor();
      assert.equal(await page.locator('.answer').first().textContent(), answer);
      assert.ok((await page.locator('.alert-change').textContent()).includes(text));
      assert.deepEqual(complaints, []);
      await context.close();
    }
  }
}
