import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** The pages of which a picture is kept; the others are states of these. */
const PICTURES = new Set(['list', 'prepare', 'interview', 'invite', 'room', 'room-ended', 'candidate-ended', 'scorecard', 'override']);
/** Of a long page, this much is in a screenshot. */
const TALLEST = 1700;

/** Looks at a page in the light and in the dark with axe, and that it fits the screen; takes its picture where one is wanted. */
export function inspector({ directory, pictures, language, device }) {
  return async function inspect(page, name, { whole = false } = {}) {
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await page.evaluate(AXE);
      const { violations } = await page.evaluate(
        (values) => globalThis.axe.run(document, { runOnly: { type: 'tag', values } }),
        TAGS,
      );
      const found = violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}\n    ${node.html}\n    ${node.failureSummary}`));
      assert.equal(found.length, 0, `axe on ${name}, ${language}, ${device}, ${colorScheme}:\n  ${found.join('\n  ')}`);
      if (directory && pictures === colorScheme && PICTURES.has(name)) {
        const tall = whole ? await page.evaluate(() => document.documentElement.scrollHeight) : 0;
        const { width, height } = page.viewportSize();
        const clip = { x: 0, y: 0, width, height: Math.min(Math.max(tall, height), TALLEST) };
        const file = path.join(directory, `${name}-${language}-${device}.png`);
        await page.screenshot(whole ? { path: file, fullPage: true, clip } : { path: file });
      }
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await fits(page, name);
  };
}

/** WCAG 1.4.10: nothing has to be scrolled sideways. */
export async function fits(page, name) {
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(wide <= room, `${name} is ${wide} wide in ${room}`);
}
