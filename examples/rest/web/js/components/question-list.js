import { announce } from '../announce.js';
import { fill, h } from '../dom.js';
import { words } from '../i18n.js';
import { questionEditor } from './question-editor.js';
import { emptyState } from './states.js';

/** @typedef {import('../types.js').Question} Question */

/**
 * The questions of a plan in their order. Buttons move them, so that no dragging is needed.
 *
 * @param {object} plan
 * @param {Question[]} plan.questions  changed in place
 * @param {() => string[]} plan.competencies
 * @param {() => void} plan.changed
 */
export function questionList({ questions, competencies, changed }) {
  const w = words().prepare;
  const box = h('div', { class: 'questions' });
  /** @type {ReturnType<typeof questionEditor>[]} */
  let editors = [];

  const draw = () => {
    const known = competencies();
    editors = questions.map((question, place) =>
      questionEditor(question, {
        number: place + 1,
        count: questions.length,
        competencies: known,
        changed,
        move: (by) => move(place, by),
        remove: () => remove(place),
      }),
    );
    fill(
      box,
      questions.length === 0
        ? emptyState(w.noQuestions, w.noQuestionsHint)
        : h('ol', { class: 'question-list', role: 'list' }, editors.map(({ item }) => item)),
    );
  };

  /** @param {number} place @param {-1 | 1} by */
  const move = (place, by) => {
    const to = place + by;
    [questions[place], questions[to]] = [questions[to], questions[place]];
    changed();
    draw();
    // The focus goes along, to the same button, or the other one where that has nowhere to go.
    const buttons = editors[to].item.querySelectorAll('button');
    const wanted = by < 0 ? buttons[0] : buttons[1];
    (wanted.disabled ? buttons[by < 0 ? 1 : 0] : wanted).focus();
    announce(w.moved(place + 1, to + 1));
  };

  /** @param {number} place */
  const remove = (place) => {
    questions.splice(place, 1);
    changed();
    draw();
    announce(w.removed);
    const next = editors[Math.min(place, editors.length - 1)];
    if (next) next.textField.control.focus();
    else /** @type {HTMLElement | null} */ (box.parentElement?.querySelector('[data-does="write"]'))?.focus();
  };

  draw();
  return {
    box,
    draw,
    /** @param {number} place */
    focus(place) {
      editors[place]?.textField.control.focus();
    },
    /** Marks the questions without a text; gives those. */
    check() {
      return editors.filter(({ textField }, place) => {
        const empty = !questions[place].text.trim();
        textField.wrong(empty ? w.missingText : '');
        return empty;
      });
    },
  };
}
