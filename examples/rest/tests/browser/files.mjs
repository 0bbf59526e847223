import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const WEB = fileURLToPath(new URL('../../web/', import.meta.url));
/** What turns text into markup or code. */
const SINKS = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|srcdoc|\beval\(|new Function|setAttribute\('style|javascript:/;
/** All files compressed one by one, as a server sends them, in bytes. */
const LARGEST = 80_000;

/** What can be said of the files without a browser. */
export function files() {
  const served = servedFiles();
  const size = served.reduce((sum, [, text]) => sum + gzipSync(text, { level: 9 }).length, 0);
  assert.ok(size < LARGEST, `${size} bytes compressed`);
  const html = readFileSync(path.join(WEB, 'index.html'), 'utf8');
  for (const [name, text] of served) {
    if (name.endsWith('.js')) assert.doesNotMatch(text, SINKS, name);
    assert.doesNotMatch(text.replaceAll('http://www.w3.org/2000/svg', ''), /https?:\/\//, `${name} loads nothing from elsewhere`);
  }
  const listed = [...html.matchAll(/(?:href|src)="((?:js|styles)\/[^"]+)"/g)].map(([, name]) => name).sort();
  const there = served.map(([name]) => name).filter((name) => /^(js|styles)\//.test(name) && name !== 'js/types.js');
  assert.deepEqual(listed, there.sort(), 'the page names each module and style, so that none waits for another');
}

/** The name and the text of each file that the service serves. */
function servedFiles() {
  const names = readdirSync(WEB, { recursive: true }).map((name) => name.split(path.sep).join('/'));
  return names.filter((name) => /\.(html|js|css|svg)$/.test(name)).map((name) => [name, readFileSync(path.join(WEB, name), 'utf8')]);
}
