import { h } from '../dom.js';
import { currentLanguage, LANGUAGES, words } from '../i18n.js';
import { mark } from './icon.js';

/**
 * What stands above every page.
 *
 * @param {import('../types.js').Access | null} access
 * @param {{chooseLanguage: (language: string) => void, signOut: () => void}} actions
 */
export function header(access, { chooseLanguage, signOut }) {
  const w = words();
  const here = location.hash || '#/';
  const staff = access && access.role !== 'candidate';
  /** @param {string} href @param {string} text */
  const link = (href, text) => h('a', { href, 'aria-current': here.split('?')[0] === href ? 'page' : null }, text);
  return [
    staff ? h('a', { class: 'brand', href: '#/' }, mark(), 'Vivavoce') : h('span', { class: 'brand' }, mark(), 'Vivavoce'),
    staff && h('nav', { 'aria-label': w.navigation }, link('#/', w.interviews), link('#/new', w.newInterview)),
    h(
      'div',
      { class: 'tools' },
      staff && access.tokens && h('button', { type: 'button', class: 'quiet', onclick: signOut }, w.signOut),
      h(
        'label',
        { class: 'language' },
        h('span', { class: 'hidden-text' }, w.language),
        h(
          'select',
          { onchange: (/** @type {Event} */ event) => chooseLanguage(/** @type {HTMLSelectElement} */ (event.target).value) },
          Object.entries(LANGUAGES).map(([code, name]) =>
            h('option', { value: code, lang: code, selected: code === currentLanguage() }, name),
          ),
        ),
      ),
    ),
  ];
}

export function footer() {
  return [h('p', null, 'Vivavoce')];
}
