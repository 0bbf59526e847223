import { h, svg } from '../dom.js';
import { competencyName, points } from '../format.js';
import { words } from '../i18n.js';

/** @typedef {import('../types.js').Evaluation} Evaluation */

const RADIUS = 52;

/** The overall score as a part of a ring; the figure stands beside it as text. @param {number} score */
export function ring(score) {
  const around = 2 * Math.PI * RADIUS;
  const circle = { cx: 60, cy: 60, r: RADIUS, 'stroke-width': 8, fill: 'none' };
  return svg(
    'svg',
    { class: 'ring', viewBox: '0 0 120 120', width: 148, height: 148, 'aria-hidden': 'true', focusable: 'false' },
    svg('circle', { ...circle, class: 'ring-track' }),
    svg('circle', {
      ...circle,
      class: 'ring-fill',
      'stroke-dasharray': `${(around * points(score)) / 100} ${around}`,
      'stroke-linecap': score > 0 ? 'round' : 'butt',
      transform: 'rotate(-90 60 60)',
    }),
  );
}

/** One competency: its mean as a bar, its ratings as dots. @param {number} score @param {number[]} ratings */
function bar(score, ratings) {
  // In percent of whatever width there is, so that dots stay round.
  const at = (/** @type {number} */ share) => `${100 * Math.min(1, Math.max(0, share))}%`;
  return svg(
    'svg',
    { class: 'bar', 'aria-hidden': 'true', focusable: 'false' },
    svg('rect', { class: 'bar-track', y: 5, width: '100%', height: 8, rx: 4 }),
    svg('rect', { class: 'bar-fill', y: 5, width: at(score), height: 8, rx: 4 }),
    ...ratings.map((rating) => svg('circle', { class: 'bar-dot', cx: at(rating), cy: 9, r: 3.6 })),
  );
}

/** The chart is a table whose one column is drawn, so that it is read and printed as well as seen. @param {Evaluation} evaluation */
export function competencyChart(evaluation) {
  const w = words().card;
  return h(
    'table',
    { class: 'competencies' },
    h('caption', null, w.chartHint),
    h(
      'thead',
      null,
      h(
        'tr',
        null,
        h('th', { scope: 'col' }, w.competency),
        h('td', { class: 'drawn' }),
        h('th', { scope: 'col', class: 'number' }, w.score),
        h('th', { scope: 'col', class: 'number minor' }, w.weight),
        h('th', { scope: 'col', class: 'number minor' }, w.ratings),
      ),
    ),
    h(
      'tbody',
      null,
      evaluation.competencies.map(({ competency, score, weight, ratings }) => {
        const own = evaluation.ratings.filter((rating) => rating.competency === competency).map((rating) => rating.score);
        return h(
          'tr',
          null,
          h('th', { scope: 'row', dir: 'auto' }, competencyName(competency)),
          h('td', { class: 'drawn' }, bar(score, own)),
          h('td', { class: 'number' }, h('b', null, points(score))),
          h('td', { class: 'number minor' }, Number(weight.toFixed(2))),
          h('td', { class: 'number minor' }, ratings),
        );
      }),
    ),
  );
}
