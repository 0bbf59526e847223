import { authorization, errorOf } from './api.js';
import { BASE } from './config.js';

/**
 * The events of a session as they happen. `EventSource` is not used: it can neither send a token in a header nor tell why it was
 * refused.
 *
 * @typedef {import('./types.js').LiveEvent} LiveEvent
 * @typedef {'connecting' | 'open' | 'waiting' | 'refused'} LiveState
 */

/** The service pings every 20 seconds: two missed pings are a dead connection. */
const SILENCE = 50_000;
const LONGEST_WAIT = 15_000;

/**
 * @param {string} session
 * @param {object} heard
 * @param {(event: LiveEvent) => void} heard.event
 * @param {(state: LiveState) => void} heard.state
 * @param {AbortSignal} signal
 */
export async function listen(session, heard, signal) {
  let last = 0;
  let failures = 0;
  while (!signal.aborted) {
    heard.state('connecting');
    const connection = new AbortController();
    const leave = () => connection.abort();
    signal.addEventListener('abort', leave, { once: true });
    // What was open before the network went away is dead, though it may look alive for a long time.
    window.addEventListener('online', leave);
    /** @type {number | undefined} */
    let watchdog;
    const alive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(leave, SILENCE);
    };
    try {
      alive();
      const response = await fetch(`${BASE}/chat/${session}/events?after=${last}`, {
        headers: {
          Accept: 'text/event-stream',
          ...(last ? { 'Last-Event-ID': String(last) } : {}),
          ...authorization(session),
        },
        signal: connection.signal,
        cache: 'no-store',
        credentials: 'omit',
      });
      // Everything was told, and nothing more comes.
      if (response.status === 204) return heard.state('open');
      if (!response.ok || !response.body) {
        const error = await errorOf(response);
        if (!error.passing) return heard.state('refused');
        throw error;
      }
      heard.state('open');
      for await (const event of events(response.body, alive)) {
        failures = 0;
        if (event.seq) {
          // A resumed stream may tell again what was told.
          if (event.seq <= last) continue;
          last = event.seq;
        }
        heard.event(event);
      }
    } catch {
      // Broken or refused for now: another connection goes on where this one ended.
    } finally {
      clearTimeout(watchdog);
      signal.removeEventListener('abort', leave);
      window.removeEventListener('online', leave);
    }
    if (signal.aborted) return;
    heard.state('waiting');
    await pause(Math.min(LONGEST_WAIT, 500 * 2 ** failures) * (0.75 + Math.random() / 2), signal);
    failures += 1;
  }
}

/**
 * @param {ReadableStream<Uint8Array>} body
 * @param {() => void} alive
 * @returns {AsyncGenerator<LiveEvent>}
 */
async function* events(body, alive) {
  const reader = body.pipeThrough(/** @type {any} */ (new TextDecoderStream())).getReader();
  let text = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    alive();
    text += value;
    for (;;) {
      const end = /\r\n\r\n|\n\n|\r\r/.exec(text);
      if (!end) break;
      const event = parse(text.slice(0, end.index));
      text = text.slice(end.index + end[0].length);
      if (event) yield event;
    }
  }
}

/** @param {string} block @returns {LiveEvent | null} */
function parse(block) {
  const data = block
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).replace(/^ /, ''));
  if (data.length === 0) return null;
  try {
    return JSON.parse(data.join('\n'));
  } catch {
    return null;
  }
}

/** Waits, but not longer than until the network or the reader is back. @param {number} milliseconds @param {AbortSignal} signal */
export function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      window.removeEventListener('online', over);
      document.removeEventListener('visibilitychange', seen);
      signal.removeEventListener('abort', over);
      resolve(undefined);
    };
    const seen = () => document.visibilityState === 'visible' && over();
    const timer = setTimeout(over, milliseconds);
    window.addEventListener('online', over);
    document.addEventListener('visibilitychange', seen);
    signal.addEventListener('abort', over);
  });
}
