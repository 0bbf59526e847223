import assert from 'node:assert/strict';
import { reader } from './browser.mjs';
import { signIn } from './sign-in.mjs';
import { TEXTS } from './texts.mjs';

const { w } = TEXTS.en;

/** What is spoken is put where the cursor is. The browser's recogniser is played by one that says what the test says. */
export async function dictation({ browser, url, token, api }) {
  const { context, page, complaints } = await reader(browser);
  await context.addInitScript(() => {
    class Recogniser {
      start() {
        globalThis.speak = (transcript) => {
          const result = Object.assign([{ transcript }], { isFinal: true });
          this.onresult({ resultIndex: 0, results: [result] });
        };
      }
      stop() {
        this.onend();
      }
    }
    globalThis.SpeechRecognition = Recogniser;
  });
  await signIn({ page, complaints }, url, token, w);
  const { id } = await api.session();
  await page.goto(`${url}#/room/${id}`);
  const area = page.getByLabel(w.room.label);
  await area.fill('Typed.');
  await page.getByRole('button', { name: w.room.dictate }).click();
  assert.ok(await page.getByText(w.room.dictationNote).isVisible(), 'it says what the browser may do with a voice');
  await page.evaluate(() => globalThis.speak('and spoken '));
  assert.equal(await area.inputValue(), 'Typed. and spoken');
  await page.getByRole('button', { name: w.room.stopDictating }).click();
  await page.getByRole('button', { name: w.room.dictate }).waitFor();
  await page.reload();
  await area.waitFor();
  assert.equal(await area.inputValue(), 'Typed. and spoken', 'what was spoken is kept like what was typed');
  assert.deepEqual(complaints, []);
  await context.close();
}
