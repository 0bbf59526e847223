import { h } from '../dom.js';
import { competencyName } from '../format.js';
import { words } from '../i18n.js';
import { field, textArea } from './field.js';
import { icon } from './icon.js';

/** @typedef {import('../types.js').Question} Question */

/**
 * One question of a plan, as it is being written.
 *
 * @param {Question} question  changed as the reader writes
 * @param {object} place
 * @param {number} place.number  from 1
 * @param {number} place.count
 * @param {string[]} place.competencies
 * @param {() => void} place.changed
 * @param {(by: -1 | 1) => void} place.move
 * @param {() => void} place.remove
 */
export function questionEditor(question, { number, count, competencies, changed, move, remove }) {
  const w = words().prepare;
  const text = textArea({
    value: question.text,
    maxlength: 4000,
    class: 'question-text',
    oninput: () => {
      question.text = text.value;
      changed();
    },
  });
  const textField = field(w.question(number), text);
  const competency = h(
    'select',
    {
      onchange: () => {
        question.competency = competency.value || undefined;
        changed();
      },
    },
    h('option', { value: '' }, w.anyCompetency),
    competencies.map((name) => h('option', { value: name, selected: name === question.competency }, competencyName(name))),
  );
  const reference = textArea({
    value: question.reference_answer ?? '',
    maxlength: 32000,
    oninput: () => {
      question.reference_answer = reference.value || undefined;
      changed();
    },
  });
  const points = textArea({
    value: (question.key_points ?? []).join('\n'),
    oninput: () => {
      question.key_points = lines(points.value);
      changed();
    },
  });
  /** @param {string} label @param {'up' | 'down' | 'remove'} name @param {boolean} off @param {() => void} work */
  const button = (label, name, off, work) =>
    h('button', { type: 'button', class: 'square', 'aria-label': label, title: label, disabled: off, onclick: work, 'data-does': name }, icon(name));
  /** What is inside, while it is closed. */
  const short = h('span', { class: 'in-short' });
  const summarise = () => {
    const points = question.key_points?.length;
    short.textContent = [
      question.competency && competencyName(question.competency),
      question.reference_answer && w.reference,
      points && w.points(points),
    ]
      .filter(Boolean)
      .join(' · ');
  };
  summarise();
  const item = h(
    'li',
    { class: 'question' },
    h(
      'div',
      { class: 'question-tools' },
      button(w.up(number), 'up', number === 1, () => move(-1)),
      button(w.down(number), 'down', number === count, () => move(1)),
      button(w.remove(number), 'remove', false, remove),
    ),
    textField.box,
    h(
      'details',
      { ontoggle: summarise },
      h('summary', null, w.details, short),
      h(
        'div',
        { class: 'question-details' },
        field(w.competency, competency, { optional: true }).box,
        field(w.reference, reference, { hint: w.referenceHint, optional: true }).box,
        field(w.keyPoints, points, { hint: w.keyPointsHint, optional: true }).box,
      ),
    ),
  );
  return { item, textField };
}

/** @param {string} text */
function lines(text) {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}
