import { h } from '../dom.js';
import { competencyName, points, wordFor } from '../format.js';
import { words } from '../i18n.js';
import { headingOf } from './exchange.js';

/** @typedef {import('../types.js').Evaluation} Evaluation */

/** How much of a flagged span is shown. */
const LONGEST = 160;

/**
 * What a reader has to know before the score: that a person should look, what could not be judged, what speaks to the judge, what a
 * person changed.
 *
 * @param {Evaluation} evaluation
 */
export function notes(evaluation) {
  const { card: w, colon, comma, quote } = words();
  /** @param {number} exchange @param {string} [competency] */
  const of = (exchange, competency) =>
    [headingOf(evaluation.exchanges[exchange]), competency && competencyName(competency)].filter(Boolean).join(comma);
  const missing = (evaluation.missing ?? []).map((it) => `${of(it.exchange, it.competency)}${colon}${it.reason}`);
  const flags = (evaluation.flags ?? []).map(
    ({ exchange, kind, span }) => `${of(exchange)}${comma}${wordFor(w.flags, kind)}${colon}${quote(shortened(span.text))}`,
  );
  const changes = (evaluation.overridden ?? []).map((change) =>
    h(
      'li',
      { dir: 'auto' },
      h('b', null, w.change(change.rating ? of(change.rating.exchange, change.rating.competency) : w.overall, points(change.score), change.by)),
      h('br'),
      change.reason,
    ),
  );
  const items = (/** @type {string[]} */ texts) => texts.map((text) => h('li', { dir: 'auto' }, text));
  return [
    note('review', w.review, items(evaluation.needs_review)),
    note('failure', w.failure, items(evaluation.failure && missing.length === 0 ? [evaluation.failure] : [])),
    note('failure', w.missing, items(missing)),
    note('review', w.flagged, items(flags)),
    note('change', w.changes, changes),
  ];
}

/** @param {string} kind @param {string} title @param {HTMLElement[]} items */
function note(kind, title, items) {
  return items.length > 0 && h('section', { class: `alert alert-${kind}` }, h('h2', null, title), h('ul', { role: 'list' }, items));
}

/** @param {string} text */
function shortened(text) {
  const characters = [...text];
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST).join('')}…` : text;
}
