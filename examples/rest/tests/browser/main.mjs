/**
 * Drives the web application in a real browser.
 *
 *   node main.mjs --service PATH       starts that vivavoce-rest, first without tokens, then with
 *   node main.mjs --url URL [--token TOKEN]    uses one that is running; the token is an administrator's
 *
 *   --only NAME              only the tests whose name has this in it
 *   --screenshots DIRECTORY  writes pictures of the pages
 *   --chromium PATH          /usr/bin/chromium when not given
 */
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { launch } from './browser.mjs';
import { candidate } from './candidate.mjs';
import { connection } from './connection.mjs';
import { dictation } from './dictation.mjs';
import { failures } from './failures.mjs';
import { files } from './files.mjs';
import { hostile } from './hostile.mjs';
import { journey } from './journey.mjs';
import { keyboard } from './keyboard.mjs';
import { people } from './people.mjs';
import { rubrics } from './rubrics.mjs';
import { service } from './service.mjs';
import { start } from './started.mjs';

const { values } = parseArgs({
  options: {
    service: { type: 'string' },
    url: { type: 'string', default: 'http://127.0.0.1:8080/' },
    token: { type: 'string' },
    only: { type: 'string', default: '' },
    screenshots: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
const directory = values.screenshots;
if (directory) mkdirSync(directory, { recursive: true });
const browser = await launch(values.chromium);

/** Which pictures are kept: each page on both devices and in both languages, without one for every combination. */
const JOURNEYS = [
  { language: 'en', device: 'desktop', pictures: 'light' },
  { language: 'zh-TW', device: 'phone', pictures: 'dark' },
  { language: 'zh-TW', device: 'desktop' },
  { language: 'en', device: 'phone' },
];

/** What depends on tokens. */
const withTokens = (common) => [
  ['candidate', () => candidate(common)],
  ['keyboard', () => keyboard(common)],
  ['journey, en, desktop', () => journey({ ...common, ...JOURNEYS[0], pictures: undefined })],
];

const everything = (common) => [
  ['files', () => files()],
  ...JOURNEYS.map((way) => [`journey, ${way.language}, ${way.device}`, () => journey({ ...common, ...way })]),
  ['candidate', () => candidate(common)],
  ['connection', () => connection(common)],
  ['keyboard', () => keyboard(common)],
  ['dictation', () => dictation(common)],
  ['failures', () => failures(common)],
  ['rubrics', () => rubrics(common)],
  ['hostile', () => hostile(common)],
];

let failed = 0;

async function run(tests, kind, prepared) {
  await people(prepared);
  for (const [name, test] of tests) {
    if (!name.includes(values.only)) continue;
    const began = performance.now();
    try {
      await test();
      console.log(`ok    ${name}${kind} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed += 1;
      console.error(`FAIL  ${name}${kind}\n${error.stack ?? error}`);
    }
  }
}

const common = (url, token) => ({ browser, url, token, api: service(url, token), directory });

if (values.service) {
  for (const tokens of [false, true]) {
    const started = await start(values.service, { tokens });
    const given = common(started.url, started.token);
    await run((tokens ? withTokens : everything)(given), tokens ? ', with tokens' : '', given);
    await started.stop();
  }
} else {
  const given = common(values.url.replace(/\/*$/, '/'), values.token);
  await run(everything(given), '', given);
}
await browser.close();
process.exit(failed === 0 ? 0 : 1);
