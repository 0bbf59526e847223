import { announce } from '../announce.js';
import { get, patch, post } from '../api.js';
import { field, textArea } from '../components/field.js';
import { icon } from '../components/icon.js';
import { questionList } from '../components/question-list.js';
import { busy, problem } from '../components/states.js';
import { h } from '../dom.js';
import { currentLanguage, LANGUAGES, words } from '../i18n.js';
import { keyring } from '../ids.js';
import { go, refresh } from '../router.js';
import { competenciesOf } from '../rubric.js';
import { tab } from '../storage.js';

/** @typedef {import('../types.js').Interview} Interview */
/** @typedef {import('../types.js').Question} Question */

/**
 * @typedef {object} Draft
 * @property {string} candidate_name
 * @property {import('../types.js').InterviewType} interview_type
 * @property {import('../types.js').Language} interview_language
 * @property {string} job_description
 * @property {string} resume
 * @property {number | null} max_answers
 * @property {Question[]} questions
 */

/** After how many answers a session ends at least, where nothing is said. */
const DEFAULT_ANSWERS = 8;

/** @returns {Draft} */
function emptyDraft() {
  return {
    candidate_name: '',
    interview_type: 'technical',
    interview_language: currentLanguage(),
    job_description: '',
    resume: '',
    max_answers: null,
    questions: [],
  };
}

/** @param {Interview} interview @returns {Draft} */
function draftOf(interview) {
  return {
    candidate_name: interview.candidate_name,
    interview_type: interview.interview_type,
    interview_language: interview.interview_language,
    job_description: interview.job_description ?? '',
    resume: interview.resume ?? '',
    // What follows from the number of questions goes on following from it.
    max_answers: interview.max_answers === Math.max(DEFAULT_ANSWERS, interview.questions.length) ? null : (interview.max_answers ?? null),
    questions: structuredClone(interview.question_details ?? interview.questions.map((text) => ({ text }))),
  };
}

/** @returns {import('../types.js').View} */
export function preparePage() {
  return { title: words().prepare.title, content: form('new', emptyDraft(), null) };
}

/** @param {import('../types.js').Visit} visit @returns {Promise<import('../types.js').View>} */
export async function editPage({ params: [id], signal }) {
  const w = words().prepare;
  const interview = /** @type {Interview} */ (await get(`/interviews/${id}`, { signal }));
  if (interview.status !== 'pending') {
    const back = h('a', { class: 'button', href: `#/interviews/${id}` }, words().interview.open);
    return { title: w.editTitle, content: h('div', { class: 'state' }, h('h1', null, w.editTitle), h('p', null, w.started), back) };
  }
  return { title: w.editTitle, content: form(id, draftOf(interview), interview) };
}

/** @param {string} name @param {Draft} saved @param {Interview | null} interview */
function form(name, saved, interview) {
  const w = words();
  const p = w.prepare;
  const memory = `form.${name}`;
  const restored = /** @type {Draft | null} */ (tab.get(memory));
  const draft = restored ?? saved;
  const changed = () => tab.set(memory, draft);
  const competencies = () => competenciesOf(draft.interview_type, interview?.rubric);
  const trouble = problem();

  const candidate = field(
    p.name,
    h('input', {
      type: 'text',
      value: draft.candidate_name,
      required: true,
      maxlength: 200,
      autocomplete: 'off',
      dir: 'auto',
      oninput: (/** @type {Event} */ event) => {
        draft.candidate_name = /** @type {HTMLInputElement} */ (event.target).value;
        changed();
      },
    }),
  );
  const list = questionList({ questions: draft.questions, competencies, changed });
  const types = h(
    'fieldset',
    { class: 'choices' },
    h('legend', null, p.type),
    Object.entries(w.types).map(([code, text]) => {
      const type = /** @type {Draft['interview_type']} */ (code);
      return h(
        'label',
        { class: 'choice' },
        h('input', {
          type: 'radio',
          name: 'type',
          value: code,
          checked: type === draft.interview_type,
          onchange: () => {
            draft.interview_type = type;
            const known = competencies();
            for (const question of draft.questions) {
              if (question.competency && !known.includes(question.competency)) delete question.competency;
            }
            changed();
            list.draw();
          },
        }),
        h('span', null, h('b', null, text), h('small', null, w.typeHints[type])),
      );
    }),
  );
  const language = field(
    p.interviewLanguage,
    h(
      'select',
      {
        onchange: (/** @type {Event} */ event) => {
          draft.interview_language = /** @type {any} */ (event.target).value;
          changed();
        },
      },
      Object.entries(LANGUAGES).map(([code, text]) => h('option', { value: code, lang: code, selected: code === draft.interview_language }, text)),
    ),
  );
  /** @param {'job_description' | 'resume'} key @param {number} rows */
  const long = (key, rows) => {
    const area = textArea({
      rows,
      value: draft[key],
      maxlength: 50_000,
      oninput: () => {
        draft[key] = area.value;
        changed();
      },
    });
    return area;
  };
  const answers = field(
    p.maxAnswers,
    h('input', {
      type: 'number',
      min: 1,
      max: 1000,
      step: 1,
      inputmode: 'numeric',
      value: draft.max_answers ?? '',
      oninput: (/** @type {Event} */ event) => {
        draft.max_answers = Number(/** @type {HTMLInputElement} */ (event.target).value) || null;
        changed();
      },
    }),
    { hint: p.maxAnswersHint, optional: true },
  );

  const suggesting = problem();
  const count = field(p.suggestCount, h('input', { type: 'number', min: 1, max: 20, step: 1, value: 5, inputmode: 'numeric' }));
  const level = field(
    p.level,
    h('select', null, Object.entries(p.levels).map(([code, text]) => h('option', { value: code, selected: code === 'mid' }, text))),
  );
  const suggest = h('button', { type: 'button' }, icon('spark'), p.suggest);
  suggest.addEventListener('click', () =>
    busy(suggest, suggesting, async () => {
      suggest.lastChild?.replaceWith(p.suggesting);
      try {
        const wanted = {
          interview_type: draft.interview_type,
          interview_language: draft.interview_language,
          job_description: draft.job_description.trim() || undefined,
          resume: draft.resume.trim() || undefined,
          level: level.control.value,
          count: Math.min(20, Math.max(1, Math.round(Number(count.control.value)) || 5)),
        };
        const { questions } = await post('/questions', wanted);
        const known = competencies();
        const first = draft.questions.length;
        for (const question of /** @type {Question[]} */ (questions)) {
          if (question.competency && !known.includes(question.competency)) delete question.competency;
          draft.questions.push(question);
        }
        changed();
        list.draw();
        list.focus(first);
        announce(p.suggested(questions.length));
      } finally {
        suggest.lastChild?.replaceWith(p.suggest);
      }
    }),
  );
  const write = h(
    'button',
    {
      type: 'button',
      'data-does': 'write',
      onclick: () => {
        draft.questions.push({ text: '' });
        changed();
        list.draw();
        list.focus(draft.questions.length - 1);
      },
    },
    icon('add'),
    p.write,
  );

  const keyFor = keyring();
  const save = h('button', { class: 'primary' }, p.save);
  // Null takes away what a draft had.
  const none = interview ? null : undefined;
  const submit = async () => {
    const body = {
      candidate_name: draft.candidate_name.trim(),
      interview_type: draft.interview_type,
      interview_language: draft.interview_language,
      questions: draft.questions.map((question) => ({ ...question, text: question.text.trim() })),
      job_description: draft.job_description || none,
      resume: draft.resume || none,
      max_answers: draft.max_answers ?? none,
    };
    const done = /** @type {Interview} */ (
      interview
        ? await patch(`/interviews/${interview.id}`, body)
        : await post('/interviews', body, { key: keyFor(body) })
    );
    tab.remove(memory);
    go(`/interviews/${done.id}`);
    announce(p.saved);
  };
  const content = h(
    'form',
    { class: 'page prepare', novalidate: true },
    h('div', { class: 'headline' }, h('h1', null, interview ? p.editTitle : p.title)),
    restored &&
      h(
        'p',
        { class: 'note' },
        p.restored,
        ' ',
        h('button', { type: 'button', class: 'quiet', onclick: () => (tab.remove(memory), refresh()) }, p.discard),
      ),
    h('section', { class: 'sheet' }, h('h2', null, p.candidate), candidate.box, types, language.box),
    h(
      'section',
      { class: 'sheet' },
      h('h2', null, p.job),
      field(p.jobDescription, long('job_description', 5), { hint: p.jobHint, optional: true }).box,
      h(
        'details',
        { open: Boolean(draft.resume) },
        h('summary', null, p.more),
        h('div', { class: 'question-details' }, field(p.resume, long('resume', 3), { optional: true }).box, answers.box),
      ),
    ),
    h(
      'section',
      { class: 'sheet' },
      h('h2', null, p.questions),
      h('p', { class: 'hint' }, p.questionsHint),
      list.box,
      h('div', { class: 'suggest' }, suggest, level.box, count.box),
      h('div', null, write),
      suggesting.box,
    ),
    trouble.box,
    h('div', { class: 'actions' }, h('a', { class: 'button', href: interview ? `#/interviews/${interview.id}` : '#/' }, w.cancel), save),
  );
  content.addEventListener('submit', (event) => {
    event.preventDefault();
    const noName = !draft.candidate_name.trim();
    candidate.wrong(noName ? p.missingName : '');
    const unwritten = list.check();
    const missing = [
      noName && p.missingName,
      draft.questions.length === 0 && p.missingQuestions,
      unwritten.length > 0 && p.missingText,
    ].filter(Boolean);
    if (missing.length === 0) return busy(save, trouble, submit);
    trouble.show(`${p.checkForm} ${missing.join(' ')}`);
    (noName ? candidate.control : (unwritten[0]?.textField.control ?? write)).focus();
  });
  return content;
}
