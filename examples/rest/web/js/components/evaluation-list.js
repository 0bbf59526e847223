import { h } from '../dom.js';
import { dateTime, points } from '../format.js';
import { words } from '../i18n.js';
import { badge } from './badge.js';

/** @typedef {import('../types.js').Evaluation} Evaluation */

/** Every version, the newest first. @param {Evaluation[]} evaluations */
export function evaluationList(evaluations) {
  const w = words();
  const i = w.interview;
  if (evaluations.length === 0) return h('p', { class: 'none' }, i.noEvaluations);
  const replaced = new Set(evaluations.map(({ supersedes }) => supersedes));
  return h(
    'ul',
    { class: 'entries', role: 'list' },
    evaluations.toReversed().map((evaluation) =>
      h(
        'li',
        { class: replaced.has(evaluation.id) ? 'entry replaced' : 'entry' },
        h(
          'div',
          { class: 'entry-facts' },
          h(
            'a',
            { href: `#/scorecards/${evaluation.id}`, class: 'entry-score' },
            evaluation.score === null ? i.withoutScore : h('b', null, points(evaluation.score)),
            ' ',
            evaluation.score !== null && w.card.outOf,
          ),
          h('span', null, dateTime(evaluation.created_at)),
          evaluation.status !== 'completed' && badge(evaluation.status, w.evaluationStatuses[evaluation.status]),
          (evaluation.overridden?.length ?? 0) > 0 && h('span', { class: 'entry-note' }, i.changedBy),
          replaced.has(evaluation.id) && h('span', { class: 'entry-note' }, i.replaced),
        ),
      ),
    ),
  );
}
