import { h } from '../dom.js';
import { words } from '../i18n.js';

let fields = 0;

/**
 * A labelled control with its hint and what is wrong with it.
 *
 * @template {HTMLElement} T
 * @param {string} label
 * @param {T} control
 * @param {{hint?: string, optional?: boolean, hideLabel?: boolean}} [options]
 */
export function field(label, control, { hint, optional, hideLabel } = {}) {
  fields += 1;
  const id = control.id || `field-${fields}`;
  control.id = id;
  const error = h('p', { class: 'wrong', id: `${id}-wrong`, hidden: true });
  const described = [hint && `${id}-hint`, `${id}-wrong`].filter(Boolean).join(' ');
  control.setAttribute('aria-describedby', described);
  const box = h(
    'div',
    { class: 'field' },
    h(
      'label',
      { for: id, class: hideLabel ? 'hidden-text' : null },
      label,
      optional && h('span', { class: 'optional' }, ` (${words().optional})`),
    ),
    hint && h('p', { class: 'hint', id: `${id}-hint` }, hint),
    control,
    error,
  );
  /** Says what is wrong, or with an empty text that nothing is. @param {string} text */
  const wrong = (text) => {
    error.textContent = text;
    error.hidden = !text;
    if (text) control.setAttribute('aria-invalid', 'true');
    else control.removeAttribute('aria-invalid');
  };
  // Whoever is mending it need not be told any more.
  control.addEventListener('input', () => wrong(''));
  return { box, control, wrong };
}

/** A text area as high as its text. @param {import('../dom.js').Attributes} attributes */
export function textArea(attributes) {
  const area = h('textarea', { rows: 2, dir: 'auto', ...attributes });
  const fit = () => {
    area.style.height = 'auto';
    // Nothing has a height before it is shown.
    if (area.scrollHeight) area.style.height = `${area.scrollHeight + 2}px`;
  };
  area.addEventListener('input', fit);
  new ResizeObserver((_, observer) => {
    fit();
    if (area.scrollHeight) observer.disconnect();
  }).observe(area);
  return Object.assign(area, { fit });
}
