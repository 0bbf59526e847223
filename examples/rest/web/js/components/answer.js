import { h } from '../dom.js';

/** @typedef {import('../types.js').Quote} Quote */

/**
 * An answer with the quoted words marked. Quotes count Unicode scalar values, as iterating over a string does, not UTF-16 units; one
 * that does not say what stands there is not marked.
 *
 * @param {string} answer
 * @param {Quote[]} quotes
 */
export function markedAnswer(answer, quotes) {
  const characters = [...answer];
  const spans = quotes
    .filter(({ start, end, text }) => characters.slice(start, end).join('') === text && end > start)
    .map(({ start, end }) => ({ start, end }))
    .sort((one, other) => one.start - other.start);
  /** @type {{start: number, end: number}[]} */
  const joined = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else joined.push(span);
  }
  const parts = [];
  let done = 0;
  for (const { start, end } of joined) {
    parts.push(characters.slice(done, start).join(''), h('mark', { 'data-start': start, 'data-end': end }, characters.slice(start, end).join('')));
    done = end;
  }
  parts.push(characters.slice(done).join(''));
  return h('p', { class: 'answer', dir: 'auto' }, parts);
}

/** Brings out the marks that hold one of these quotes. @param {Element} answer @param {Quote[]} quotes @param {boolean} on */
export function bringOut(answer, quotes, on) {
  for (const mark of answer.querySelectorAll('mark')) {
    const [start, end] = [Number(mark.dataset.start), Number(mark.dataset.end)];
    const held = quotes.some((quote) => quote.start < end && quote.end > start);
    mark.classList.toggle('out', on && held);
  }
}
