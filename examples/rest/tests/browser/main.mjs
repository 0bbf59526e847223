/**
 * Drives the web application of a running service in a real browser.
 *
 *   node main.mjs --url http://127.0.0.1:8080/ [--token TOKEN] [--screenshots DIRECTORY] [--chromium PATH] [--only NAME]
 *
 * The token is an administrator's, for a service that asks for one.
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
import { rubrics } from './rubrics.mjs';
import { service } from './service.mjs';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8080/' },
    token: { type: 'string' },
    screenshots: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    only: { type: 'string' },
  },
});
const { token, screenshots: directory } = values;
const url = values.url.replace(/\/*$/, '/');
if (directory) mkdirSync(directory, { recursive: true });
const browser = await launch(values.chromium);
const common = { browser, url, token, api: service(url, token), directory };

/** Which pictures are kept: each page on both devices and in both languages, without one for every combination. */
const JOURNEYS = [
  { language: 'en', device: 'desktop', pictures: 'light' },
  { language: 'zh-TW', device: 'phone', pictures: 'dark' },
  { language: 'zh-TW', device: 'desktop' },
  { language: 'en', device: 'phone' },
];
const tests = [
  ['files', () => files()],
  ['rubrics', () => rubrics(common)],
  ...JOURNEYS.map((way) => [`journey, ${way.language}, ${way.device}`, () => journey({ ...common, ...way })]),
  ['candidate', () => candidate(common)],
  ['connection', () => connection(common)],
  ['keyboard', () => keyboard(common)],
  ['dictation', () => dictation(common)],
  ['failures', () => failures(common)],
  ['hostile', () => hostile(common)],
];

let failed = 0;
for (const [name, test] of tests) {
  if (values.only && !name.includes(values.only)) continue;
  const began = performance.now();
  try {
    await test();
    console.log(`ok    ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.error(`FAIL  ${name}\n${error.stack ?? error}`);
  }
}
await browser.close();
process.exit(failed === 0 ? 0 : 1);
