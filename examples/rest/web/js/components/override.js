import { announce } from '../announce.js';
import { post } from '../api.js';
import { h } from '../dom.js';
import { points } from '../format.js';
import { words } from '../i18n.js';
import { keyring } from '../ids.js';
import { go } from '../router.js';
import { kept } from '../storage.js';
import { openDialog } from './dialog.js';
import { field, textArea } from './field.js';
import { busy, problem } from './states.js';

/**
 * Asks for the score that a person puts in the place of a judge's, and why.
 *
 * @param {object} change
 * @param {string} change.evaluation
 * @param {string} change.title
 * @param {number | null} change.score
 * @param {{exchange: number, competency: string}} [change.rating]  none for the whole score
 * @param {string} [change.name]  of who is signed in
 */
export function overrideDialog({ evaluation, title, score, rating, name }) {
  const w = words();
  const c = w.card;
  const trouble = problem();
  const keyFor = keyring();
  const number = field(
    c.newScore,
    h('input', { type: 'number', min: 0, max: 100, step: 1, inputmode: 'numeric', required: true, value: score === null ? '' : points(score) }),
  );
  const reason = field(c.reason, textArea({ required: true, maxlength: 4000, rows: 3 }), { hint: c.reasonHint });
  const by = field(c.by, h('input', { type: 'text', required: true, maxlength: 200, autocomplete: 'name', dir: 'auto', value: kept.get('by') ?? name ?? '' }));
  const save = h('button', { class: 'primary' }, c.changeSave);
  const form = h(
    'form',
    { novalidate: true },
    number.box,
    reason.box,
    by.box,
    trouble.box,
    h('div', { class: 'actions' }, h('button', { type: 'button', onclick: () => dialog.close() }, w.cancel), save),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const value = Number(number.control.value);
    number.wrong(number.control.value !== '' && Number.isInteger(value) && value >= 0 && value <= 100 ? '' : c.badScore);
    reason.wrong(reason.control.value.trim() ? '' : c.needed);
    by.wrong(by.control.value.trim() ? '' : c.needed);
    const wrong = form.querySelector('[aria-invalid]');
    if (wrong instanceof HTMLElement) return wrong.focus();
    busy(save, trouble, async () => {
      const body = { score: value / 100, reason: reason.control.value.trim(), by: by.control.value.trim(), rating };
      const made = await post(`/evaluation/${evaluation}/override`, body, { key: keyFor(body) });
      kept.set('by', body.by);
      dialog.close();
      go(`/scorecards/${made.id}`);
      announce(c.changed);
    });
  });
  const dialog = openDialog(title, [h('p', { class: 'hint' }, c.changeText), form]);
}
