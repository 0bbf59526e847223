import { h } from '../dom.js';
import { competencyName, points, wordFor } from '../format.js';
import { words } from '../i18n.js';
import { bringOut, markedAnswer } from './answer.js';
import { icon } from './icon.js';

/** @typedef {import('../types.js').Evaluation} Evaluation */
/** @typedef {import('../types.js').Rating} Rating */
/** @typedef {import('../types.js').Exchange} Exchange */
/** @typedef {import('../types.js').KeyPoint} KeyPoint */

/** What an exchange is called: its question's number, or that it asks further. @param {Exchange | undefined} exchange */
export function headingOf(exchange) {
  const w = words().card;
  if (!exchange || exchange.question === null || exchange.question === undefined) return w.unplanned;
  return exchange.probe ? w.probe(exchange.question + 1) : w.question(exchange.question + 1);
}

/**
 * A question, its answer, beside the words they rest on its ratings, and the key points.
 *
 * @param {Evaluation} evaluation
 * @param {number} place
 * @param {(rating: Rating) => void} change
 */
export function exchangeCard(evaluation, place, change) {
  const w = words().card;
  const exchange = evaluation.exchanges[place];
  const ratings = evaluation.ratings.filter((rating) => rating.exchange === place);
  const said = exchange.answer.trim() !== '';
  const answer = said
    ? markedAnswer(exchange.answer, ratings.flatMap(({ quotes }) => quotes))
    : h('p', { class: 'none' }, w.noAnswer);
  return h(
    'article',
    { class: exchange.probe ? 'exchange probe' : 'exchange' },
    h('h3', null, headingOf(exchange)),
    h('p', { class: 'asked', dir: 'auto', lang: evaluation.language }, exchange.question_text),
    h(
      'div',
      { class: 'beside' },
      answer,
      ratings.length > 0
        ? h('ul', { class: 'ratings', role: 'list' }, ratings.map((rating) => ratingCard(rating, evaluation, answer, () => change(rating))))
        : said && h('p', { class: 'none' }, w.noRating),
    ),
    keyPoints((evaluation.key_points ?? []).filter((found) => found.exchange === place), evaluation),
  );
}

/** How much of each key point was said, in a word, and the words that say it. @param {KeyPoint[]} found @param {Evaluation} evaluation */
function keyPoints(found, { language: lang }) {
  const { card: w, colon, quote } = words();
  if (found.length === 0) return [];
  return [
    h('h4', null, w.keyPoints),
    h(
      'ul',
      { class: 'key-points', role: 'list' },
      found.map(({ text, coverage, quotes }) =>
        h(
          'li',
          null,
          h('p', null, h('b', null, wordFor(w.coverages, coverage)), colon, h('bdi', { lang }, text)),
          quotes.length > 0 && h('p', { class: 'sure' }, w.quoted, colon, quotes.flatMap(({ text }) => [h('bdi', { lang }, quote(text)), ' '])),
        ),
      ),
    ),
  ];
}

/** @param {Rating} rating @param {Evaluation} evaluation @param {Element} answer @param {() => void} change */
function ratingCard(rating, evaluation, answer, change) {
  const w = words().card;
  const name = competencyName(rating.competency);
  const label = w.changeRating(name, headingOf(evaluation.exchanges[rating.exchange]));
  const sure = [
    `${w.basis}${words().colon}${wordFor(w.bases, rating.basis)}`,
    rating.basis !== 'person' && w.confidence(points(rating.confidence)),
    rating.spread !== undefined && rating.spread !== null && w.spread(points(rating.spread)),
  ].filter(Boolean);
  const card = h(
    'li',
    { class: rating.basis === 'person' ? 'rating by-person' : 'rating' },
    h(
      'p',
      { class: 'verdict' },
      rating.basis === 'person' && icon('person'),
      h('b', { dir: 'auto' }, name),
      h('span', { class: 'points' }, h('b', null, points(rating.score)), ` ${w.outOf}`),
    ),
    rating.reason && h('p', { class: 'reason', dir: 'auto', lang: evaluation.language }, rating.reason),
    rating.quotes.length > 0
      ? rating.quotes.map(({ text }) => h('blockquote', { class: 'quote' }, h('span', { class: 'hidden-text' }, `${w.quoted}${words().colon}`), h('p', { dir: 'auto' }, text)))
      : rating.basis !== 'person' && h('p', { class: 'sure' }, w.noQuote),
    h('p', { class: 'sure' }, sure.join(' · ')),
    h('button', { type: 'button', class: 'small quiet', 'aria-label': label, onclick: change }, icon('edit'), w.change_),
  );
  for (const [event, on] of /** @type {[string, boolean][]} */ ([['pointerenter', true], ['focusin', true], ['pointerleave', false], ['focusout', false]])) {
    card.addEventListener(event, () => bringOut(answer, rating.quotes, on));
  }
  return card;
}
