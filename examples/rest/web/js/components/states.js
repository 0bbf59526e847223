import { ApiError } from '../api.js';
import { h } from '../dom.js';
import { words } from '../i18n.js';
import { icon } from './icon.js';

/** What is wrong, in the reader's words. @param {unknown} error */
export function explain(error) {
  const { errors } = words();
  if (typeof error === 'string') return error;
  if (!(error instanceof ApiError)) return errors.title;
  switch (error.status) {
    case 0:
      return errors.unreachable;
    case 401:
    case 403:
      return errors.forbidden;
    case 404:
      return errors.notFound;
    case 400:
      return error.message === 'Interview has started' ? errors.started : errors.other(error.message);
    case 409:
      return errors.conflict;
    case 413:
      return errors.tooLarge;
    case 429:
    case 503:
      return errors.busy;
    case 501:
      return errors.unsupported;
    case 502:
    case 504:
      return errors.model;
    default:
      return errors.other(error.details ? `${error.message}: ${error.details}` : error.message);
  }
}

export function loadingState() {
  return h('div', { class: 'state', role: 'status' }, h('div', { class: 'pulse', 'aria-hidden': 'true' }), h('p', null, words().loading));
}

/** A page that cannot be shown. @param {unknown} error @param {() => void} [again] */
export function errorState(error, again) {
  const w = words();
  const useless = error instanceof ApiError && (error.status === 404 || error.status === 403);
  return h(
    'div',
    { class: 'state' },
    h('h1', null, w.errors.title),
    h('p', null, explain(error)),
    again && !useless && h('button', { type: 'button', onclick: again }, w.retry),
  );
}

/** Nothing here, and what to do about it. @param {string} title @param {string} hint @param {...import('../dom.js').Child} actions */
export function emptyState(title, hint, ...actions) {
  return h('div', { class: 'state' }, h('p', { class: 'state-title' }, title), h('p', null, hint), ...actions);
}

/** Something that went wrong with what the reader just did. */
export function problem() {
  const box = h('div', { class: 'problem', role: 'alert', hidden: true });
  return {
    box,
    /** @param {unknown} error */
    show(error) {
      box.replaceChildren(icon('warning'), h('p', { dir: 'auto' }, explain(error)));
      box.hidden = false;
    },
    clear() {
      box.replaceChildren();
      box.hidden = true;
    },
  };
}

/** Runs what a button does: not twice at once, and with what went wrong beside it. @param {HTMLButtonElement} button @param {ReturnType<typeof problem>} trouble @param {() => Promise<void>} work */
export async function busy(button, trouble, work) {
  if (button.getAttribute('aria-disabled') === 'true') return;
  // Not `disabled`, which would take the focus away.
  button.setAttribute('aria-disabled', 'true');
  trouble.clear();
  try {
    await work();
  } catch (error) {
    trouble.show(error);
  } finally {
    button.removeAttribute('aria-disabled');
  }
}
