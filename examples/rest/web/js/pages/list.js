import { announce } from '../announce.js';
import { get } from '../api.js';
import { badge } from '../components/badge.js';
import { field } from '../components/field.js';
import { icon } from '../components/icon.js';
import { busy, emptyState, errorState, problem } from '../components/states.js';
import { fill, h, said } from '../dom.js';
import { date } from '../format.js';
import { LANGUAGES, words } from '../i18n.js';
import { rewrite } from '../router.js';

/** @typedef {import('../types.js').Interview} Interview */
/** @typedef {import('../types.js').InterviewPage} InterviewPage */

const PAGE = 20;
const FILTERS = ['candidate_name', 'status', 'date_from', 'date_to'];

/** @param {import('../types.js').Visit} visit @returns {Promise<import('../types.js').View>} */
export async function listPage({ query, signal }) {
  const w = words();
  const results = h('section', { 'aria-label': w.list.title });
  const count = h('p', { class: 'count', role: 'status' });
  const filters = new URLSearchParams([...query].filter(([name]) => FILTERS.includes(name)));

  /** @param {string} [cursor] @param {AbortSignal} [until] @returns {Promise<InterviewPage>} */
  const load = (cursor, until = signal) => {
    const wanted = new URLSearchParams(filters);
    wanted.set('limit', String(PAGE));
    if (cursor) wanted.set('cursor', cursor);
    return get(`/interviews?${wanted}`, { signal: until });
  };

  /** @param {InterviewPage} page */
  const draw = (page) => {
    clear.hidden = filters.size === 0;
    if (page.interviews.length === 0) {
      count.textContent = '';
      const nothing = filters.size
        ? emptyState(w.list.none, w.list.noneHint)
        : emptyState(w.list.empty, w.list.emptyHint, h('a', { class: 'button primary', href: '#/new' }, icon('add'), w.newInterview));
      return fill(results, nothing);
    }
    count.textContent = page.total === undefined ? '' : w.list.found(page.total);
    const list = h('ul', { class: 'rows', role: 'list' }, page.interviews.map(row));
    fill(results, list, page.next_cursor && more(list, page.next_cursor));
  };

  /** @param {HTMLElement} list @param {string} cursor */
  const more = (list, cursor) => {
    const trouble = problem();
    const button = h('button', { type: 'button' }, w.list.more);
    const box = h('div', { class: 'more' }, button, trouble.box);
    button.addEventListener('click', () =>
      busy(button, trouble, async () => {
        const page = await load(cursor);
        const added = page.interviews.map(row);
        list.append(...added);
        announce(w.list.added(added.length));
        added[0]?.querySelector('a')?.focus();
        box.remove();
        if (page.next_cursor) results.append(more(list, page.next_cursor));
      }),
    );
    return box;
  };

  /** Only the answer to the last question counts. */
  let asking = new AbortController();
  const search = async () => {
    asking.abort();
    asking = new AbortController();
    const { signal: until } = asking;
    rewrite(filters.size ? `/?${filters}` : '/');
    results.setAttribute('aria-busy', 'true');
    try {
      const page = await load(undefined, until);
      if (!until.aborted && !signal.aborted) draw(page);
    } catch (error) {
      if (!until.aborted && !signal.aborted) fill(results, errorState(error, search));
    } finally {
      results.removeAttribute('aria-busy');
    }
  };

  /** @type {number | undefined} */
  let pending;
  /** @param {string} name @param {number} delay */
  const filterBy = (name, delay) => (/** @type {Event} */ event) => {
    const { value } = /** @type {HTMLInputElement | HTMLSelectElement} */ (event.target);
    if (value.trim()) filters.set(name, value.trim());
    else filters.delete(name);
    clearTimeout(pending);
    pending = setTimeout(search, delay);
  };
  const value = (/** @type {string} */ name) => filters.get(name) ?? '';
  const name = h('input', { type: 'search', value: value('candidate_name'), maxlength: 200, autocomplete: 'off', dir: 'auto', placeholder: w.list.search, oninput: filterBy('candidate_name', 250) });
  const status = h(
    'select',
    { onchange: filterBy('status', 0) },
    h('option', { value: '' }, w.list.anyStatus),
    Object.entries(w.statuses).map(([code, text]) => h('option', { value: code, selected: code === value('status') }, text)),
  );
  const from = h('input', { type: 'date', value: value('date_from'), onchange: filterBy('date_from', 0) });
  const to = h('input', { type: 'date', value: value('date_to'), onchange: filterBy('date_to', 0) });
  const clear = h(
    'button',
    {
      type: 'button',
      class: 'quiet',
      onclick: () => {
        for (const each of FILTERS) filters.delete(each);
        for (const control of [name, status, from, to]) control.value = '';
        name.focus();
        search();
      },
    },
    w.list.clear,
  );
  const nameField = field(w.list.search, name, { hideLabel: true });
  nameField.box.classList.add('search');
  nameField.box.append(icon('search'));
  const form = h(
    'search',
    { class: 'filters' },
    nameField.box,
    field(w.list.status, status).box,
    field(w.list.from, from).box,
    field(w.list.to, to).box,
    clear,
  );

  draw(await load());
  const content = h(
    'div',
    { class: 'page' },
    h(
      'div',
      { class: 'headline' },
      h('h1', null, w.list.title),
      h('a', { class: 'button primary', href: '#/new' }, icon('add'), w.newInterview),
    ),
    form,
    count,
    results,
  );
  return { title: w.list.title, content };
}

/** @param {Interview} interview */
function row(interview) {
  const w = words();
  return h(
    'li',
    { class: 'row' },
    h('a', { class: 'row-name', href: `#/interviews/${interview.id}` }, said(interview.candidate_name)),
    h(
      'p',
      { class: 'row-facts' },
      [w.types[interview.interview_type], LANGUAGES[interview.interview_language], w.list.questions(interview.questions.length)].join(' · '),
    ),
    h('p', { class: 'row-status' }, badge(interview.status, w.statuses[interview.status])),
    h('p', { class: 'row-date' }, h('time', { datetime: interview.created_at }, date(interview.created_at))),
  );
}
