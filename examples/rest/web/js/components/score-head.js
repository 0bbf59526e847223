import { h, said } from '../dom.js';
import { dateTime, points } from '../format.js';
import { words } from '../i18n.js';
import { ring } from './chart.js';

/** Who, when, and how much. @param {import('../types.js').Scorecard} card */
export function scoreHead({ interview, evaluation }) {
  const w = words();
  const c = w.card;
  const facts = [
    [c.interviewType, w.types[interview.interview_type]],
    evaluation.completed_at ? [c.judged, dateTime(evaluation.completed_at)] : [c.requested, dateTime(evaluation.created_at)],
    [c.status, w.evaluationStatuses[evaluation.status]],
  ];
  const { score } = evaluation;
  return h(
    'div',
    { class: 'score-head' },
    h(
      'div',
      { class: 'score-who' },
      h('p', { class: 'kicker' }, c.title),
      h('h1', null, said(interview.candidate_name)),
      h('dl', null, facts.map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value)))),
    ),
    score === null
      ? h('div', { class: 'score none' }, h('p', null, h('span', { class: 'kicker' }, c.overall), h('strong', null, c.noScore), c.noScoreWhy[evaluation.status]))
      : h(
          'div',
          { class: 'score' },
          ring(score),
          h('p', null, h('span', { class: 'kicker' }, c.overall), h('strong', null, points(score)), h('span', { class: 'out-of' }, c.outOf)),
        ),
  );
}
