import { h } from './dom.js';

/** Says something to screen readers without moving the focus. */
const region = h('div', { role: 'status', class: 'hidden-text' });

export function announcer() {
  return region;
}

/** @param {string} text */
export function announce(text) {
  // The same text again is only heard when the region was empty before.
  region.textContent = '';
  setTimeout(() => {
    region.textContent = text;
  }, 60);
}
