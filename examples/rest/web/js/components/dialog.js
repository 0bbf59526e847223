import { h } from '../dom.js';
import { words } from '../i18n.js';
import { busy, problem } from './states.js';

let dialogs = 0;

/**
 * A dialog over the page; the browser keeps the focus inside and gives it back.
 *
 * @param {string} title
 * @param {import('../dom.js').Child[]} content
 */
export function openDialog(title, content) {
  dialogs += 1;
  const id = `dialog-${dialogs}`;
  const dialog = h('dialog', { 'aria-labelledby': id }, h('h2', { id, tabindex: '-1' }, title), ...content);
  dialog.addEventListener('close', () => dialog.remove());
  // An address that changes takes the page away from under the dialog.
  window.addEventListener('hashchange', () => dialog.close(), { once: true });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * Asks before something that cannot be undone.
 *
 * @param {object} question
 * @param {string} question.title
 * @param {(string | false)[]} question.texts
 * @param {string} question.yes
 * @param {string} [question.no]
 * @param {boolean} [question.danger]
 * @param {() => Promise<void>} question.work  done while the dialog is open; the dialog tells what went wrong
 */
export function confirmDialog({ title, texts, yes, no = words().cancel, danger = false, work }) {
  const trouble = problem();
  const agree = h('button', { type: 'button', class: danger ? 'danger' : 'primary' }, yes);
  const dialog = openDialog(title, [
    ...texts.map((text) => text && h('p', null, text)),
    trouble.box,
    h('div', { class: 'actions' }, h('button', { type: 'button', autofocus: true, onclick: () => dialog.close() }, no), agree),
  ]);
  agree.addEventListener('click', () =>
    busy(agree, trouble, async () => {
      await work();
      dialog.close();
    }),
  );
}
