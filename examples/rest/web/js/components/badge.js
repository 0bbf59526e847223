import { h } from '../dom.js';

/** A word for a state; the state also shows by shape, not by colour alone. @param {string} kind @param {string} text */
export function badge(kind, text) {
  return h('span', { class: `badge badge-${kind}` }, text);
}
