import { announce } from '../announce.js';
import { download, get, post } from '../api.js';
import { competencyChart } from '../components/chart.js';
import { confirmDialog } from '../components/dialog.js';
import { exchangeCard, headingOf } from '../components/exchange.js';
import { history, versionsOf } from '../components/history.js';
import { icon } from '../components/icon.js';
import { notes } from '../components/notes.js';
import { overrideDialog } from '../components/override.js';
import { provenance } from '../components/provenance.js';
import { scoreHead } from '../components/score-head.js';
import { busy, problem } from '../components/states.js';
import { h } from '../dom.js';
import { competencyName } from '../format.js';
import { words } from '../i18n.js';
import { pause } from '../live.js';
import { keyring } from '../ids.js';
import { go, refresh } from '../router.js';

/** @typedef {import('../types.js').Evaluation} Evaluation */
/** @typedef {import('../types.js').Rating} Rating */
/** @typedef {import('../types.js').Scorecard} Scorecard */

const FORMATS = /** @type {const} */ (['html', 'md', 'json']);

/** @param {import('../types.js').Visit} visit @returns {Promise<import('../types.js').View>} */
export async function scorecardPage({ params: [id], signal, access }) {
  const w = words();
  const c = w.card;
  const card = /** @type {Scorecard} */ (await get(`/evaluation/${id}/scorecard.json`, { signal }));
  const { interview, evaluation } = card;
  /** @type {{evaluations: Evaluation[]}} */
  const { evaluations } = await get(`/interviews/${interview.id}/evaluations`, { signal });
  const versions = versionsOf(evaluations, id);
  const newest = versions.at(-1);
  const final = evaluation.status !== 'pending' && evaluation.status !== 'running';
  if (!final) waitFor(id, signal);

  const changeOverall = () => overrideDialog({ evaluation: id, title: c.changeOverall, score: evaluation.score, name: access.name });
  const changeRating = (/** @type {Rating} */ { exchange, competency, score }) =>
    overrideDialog({
      evaluation: id,
      title: c.changeRating(competencyName(competency), headingOf(evaluation.exchanges[exchange])),
      score,
      rating: { exchange, competency },
      name: access.name,
    });

  const content = h(
    'div',
    { class: 'page card' },
    h('p', { class: 'back' }, h('a', { href: `#/interviews/${interview.id}` }, w.room.toInterview)),
    newest && newest.id !== id && h('p', { class: 'note' }, c.newer, ' ', h('a', { href: `#/scorecards/${newest.id}` }, c.toNewest)),
    h(
      'div',
      { class: 'sheet' },
      scoreHead(card),
      final && tools(card, changeOverall),
      h('p', { class: 'ai-notice' }, c.aiNotice),
      !final && h('p', { class: 'note', role: 'status' }, c.waiting),
      notes(evaluation),
      evaluation.feedback &&
        h('section', { class: 'summary' }, h('h2', null, c.summary), h('p', { class: 'text', dir: 'auto', lang: evaluation.language }, evaluation.feedback)),
      evaluation.competencies.length > 0 && h('section', null, h('h2', null, c.competencies), competencyChart(evaluation)),
      findings(evaluation),
      evaluation.exchanges.length > 0 &&
        h(
          'section',
          { class: 'exchanges' },
          h('h2', null, c.exchanges),
          h('p', { class: 'hint' }, c.highlights),
          evaluation.exchanges.map((_, place) => exchangeCard(evaluation, place, changeRating)),
        ),
      unanswered(card),
      versions.length > 1 && history(versions, id),
      provenance(evaluation),
    ),
  );
  return { title: `${interview.candidate_name} – ${c.title}`, content };
}

/** @param {Scorecard} card @param {() => void} changeOverall */
function tools({ interview, evaluation }, changeOverall) {
  const w = words();
  const c = w.card;
  const trouble = problem();
  const keyFor = keyring();
  const judgeAgain = () =>
    confirmDialog({
      title: c.againTitle,
      texts: [c.againText, ...(evaluation.overridden?.length ? [c.againPerson] : [])],
      yes: c.again,
      work: async () => {
        const made = await post(`/evaluation/${evaluation.id}/re-evaluate`, {}, { key: keyFor('again') });
        go(`/scorecards/${made.id}`);
        announce(c.againDone);
      },
    });
  return h(
    'div',
    { class: 'card-tools' },
    h('button', { type: 'button', onclick: changeOverall }, icon('edit'), c.change_),
    h('button', { type: 'button', onclick: judgeAgain }, icon('again'), c.again),
    h('button', { type: 'button', onclick: () => window.print() }, icon('print'), c.print),
    h(
      'div',
      { class: 'downloads', role: 'group', 'aria-label': c.download },
      icon('download'),
      FORMATS.map((format) => {
        const button = h('button', { type: 'button', 'aria-label': `${c.download} ${format.toUpperCase()}` }, format.toUpperCase());
        button.addEventListener('click', () =>
          busy(button, trouble, () => download(`/evaluation/${evaluation.id}/scorecard.${format}`, `scorecard-${interview.id.slice(-12)}.${format}`)),
        );
        return button;
      }),
    ),
    trouble.box,
  );
}

/** @param {Evaluation} evaluation */
function findings(evaluation) {
  const c = words().card;
  /** @type {[string, string[]][]} */
  const lists = [
    [c.strengths, evaluation.strengths],
    [c.weaknesses, evaluation.weaknesses],
    [c.recommendations, evaluation.recommendations],
  ];
  const shown = lists.filter(([, items]) => items.length > 0);
  if (shown.length === 0) return null;
  return h(
    'div',
    { class: 'findings' },
    shown.map(([title, items]) =>
      h('section', { class: 'finding' }, h('h2', null, title), h('ul', { role: 'list', lang: evaluation.language }, items.map((item) => h('li', { dir: 'auto' }, item)))),
    ),
  );
}

/** @param {Scorecard} card */
function unanswered({ interview, evaluation }) {
  const c = words().card;
  if (evaluation.unanswered.length === 0) return null;
  const policy = /** @type {Record<string, string>} */ (c.unansweredPolicy)[evaluation.unanswered_policy] ?? '';
  return h(
    'section',
    { class: 'unanswered' },
    h('h2', null, c.unanswered),
    h('p', { class: 'hint' }, policy),
    h(
      'ul',
      { role: 'list' },
      evaluation.unanswered.map((place) =>
        h('li', null, h('span', { class: 'kicker' }, c.question(place + 1)), h('span', { dir: 'auto' }, interview.questions[place]?.text ?? '')),
      ),
    ),
  );
}

/** Comes again when the evaluation has its result. @param {string} id @param {AbortSignal} signal */
async function waitFor(id, signal) {
  while (!signal.aborted) {
    await pause(1500, signal);
    try {
      const { status } = await get(`/evaluation/${id}`, { signal });
      if (status !== 'pending' && status !== 'running') return signal.aborted || refresh();
    } catch {
      // Asked again.
    }
  }
}
