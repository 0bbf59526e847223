import { announce } from '../announce.js';
import { get, post, remove } from '../api.js';
import { badge } from '../components/badge.js';
import { confirmDialog } from '../components/dialog.js';
import { evaluationList } from '../components/evaluation-list.js';
import { icon } from '../components/icon.js';
import { inviteDialog } from '../components/invite.js';
import { sessionList } from '../components/session-list.js';
import { busy, problem } from '../components/states.js';
import { h, said } from '../dom.js';
import { competencyName, dateTime } from '../format.js';
import { LANGUAGES, words } from '../i18n.js';
import { keyring } from '../ids.js';
import { go, refresh } from '../router.js';

/** @typedef {import('../types.js').Interview} Interview */
/** @typedef {import('../types.js').Session} Session */

/** @param {import('../types.js').Visit} visit @returns {Promise<import('../types.js').View>} */
export async function interviewPage({ params: [id], signal, access }) {
  const w = words();
  const i = w.interview;
  const [interview, { sessions }, { evaluations }] = /** @type {[Interview, {sessions: Session[]}, {evaluations: import('../types.js').Evaluation[]}]} */ (
    await Promise.all(['', '/sessions', '/evaluations'].map((part) => get(`/interviews/${id}${part}`, { signal })))
  );
  const trouble = problem();
  const keyFor = keyring();
  /** @returns {Promise<Session>} */
  const start = () => post(`/interviews/${id}/chat/start`, {}, { key: keyFor('start') });

  const begin = h('button', { type: 'button', class: 'primary' }, i.begin);
  begin.addEventListener('click', () => busy(begin, trouble, async () => go(`/room/${(await start()).id}`)));
  const invite = h('button', { type: 'button' }, icon('link'), i.invite);
  invite.addEventListener('click', () =>
    busy(invite, trouble, async () => {
      const session = await start();
      const dialog = await inviteDialog(session.id, access.tokens);
      dialog.addEventListener('close', refresh);
    }),
  );
  const isDraft = interview.status === 'pending';

  const content = h(
    'div',
    { class: 'page interview' },
    h('p', { class: 'back' }, h('a', { href: '#/' }, w.back)),
    h(
      'div',
      { class: 'headline' },
      h('h1', null, said(interview.candidate_name)),
      badge(interview.status, w.statuses[interview.status]),
    ),
    h(
      'p',
      { class: 'facts' },
      [w.types[interview.interview_type], LANGUAGES[interview.interview_language], `${i.created} ${dateTime(interview.created_at)}`].join(' · '),
    ),
    h(
      'div',
      { class: 'actions start' },
      begin,
      // Where none can be made, it would begin the interview for nothing.
      access.invites && invite,
      isDraft && h('a', { class: 'button', href: `#/interviews/${id}/edit` }, icon('edit'), i.edit),
    ),
    trouble.box,
    // A draft has neither.
    !isDraft && h('section', { class: 'sheet' }, h('h2', null, i.sessions), sessionList(sessions, evaluations, access)),
    !isDraft && h('section', { class: 'sheet' }, h('h2', null, i.evaluations), evaluationList(evaluations)),
    h('section', { class: 'sheet' }, h('h2', null, i.questions), questions(interview)),
    long(i.job, interview.job_description),
    long(i.resume, interview.resume),
    h(
      'div',
      { class: 'actions start' },
      isDraft && h('button', { type: 'button', class: 'quiet', onclick: () => deleteDraft(id) }, i.delete),
      access.role === 'administrator' && h('button', { type: 'button', class: 'quiet', onclick: () => erase(id) }, i.erase),
    ),
  );
  return { title: interview.candidate_name, content };
}

/** @param {Interview} interview */
function questions(interview) {
  const w = words().interview;
  const details = interview.question_details ?? interview.questions.map((text) => ({ text }));
  return h(
    'ol',
    { class: 'plan', lang: interview.interview_language },
    details.map((/** @type {import('../types.js').Question} */ question) =>
      h(
        'li',
        null,
        h('p', { class: 'plan-question', dir: 'auto' }, question.text),
        question.competency && h('p', { class: 'plan-competency' }, competencyName(question.competency)),
        (question.reference_answer || question.key_points?.length) &&
          h(
            'details',
            null,
            h('summary', null, words().prepare.details),
            question.reference_answer && [h('h3', null, w.reference), h('p', { class: 'text', dir: 'auto' }, question.reference_answer)],
            question.key_points?.length && [h('h3', null, w.keyPoints), h('ul', null, question.key_points.map((point) => h('li', { dir: 'auto' }, point)))],
          ),
      ),
    ),
  );
}

/** @param {string} title @param {string | undefined} text */
function long(title, text) {
  return (
    text && h('details', { class: 'sheet' }, h('summary', null, h('h2', null, title)), h('p', { class: 'text', dir: 'auto' }, text))
  );
}

/** @param {string} id */
function deleteDraft(id) {
  const w = words().interview;
  confirmDialog({
    title: w.deleteTitle,
    texts: [w.deleteText],
    yes: w.delete,
    danger: true,
    work: async () => {
      await remove(`/interviews/${id}`);
      go('/');
      announce(w.deleted);
    },
  });
}

/** @param {string} id */
function erase(id) {
  const w = words().interview;
  confirmDialog({
    title: w.eraseTitle,
    texts: [w.eraseText],
    yes: w.eraseButton,
    danger: true,
    work: async () => {
      await post(`/interviews/${id}/erase`, {});
      go('/');
      announce(w.erased);
    },
  });
}
