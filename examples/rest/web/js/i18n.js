import en from './i18n/en.js';
import zhTW from './i18n/zh-TW.js';
import { kept } from './storage.js';

/** @typedef {import('./types.js').Language} Language */

/** Each language in its own words. @type {Record<Language, string>} */
export const LANGUAGES = { en: 'English', 'zh-TW': '繁體中文' };

const catalogues = { en, 'zh-TW': zhTW };

/** @returns {Language} */
function preferred() {
  for (const wanted of navigator.languages ?? []) {
    if (/^zh\b/i.test(wanted)) return 'zh-TW';
    if (/^en\b/i.test(wanted)) return 'en';
  }
  return 'en';
}

/** @param {unknown} value @returns {value is Language} */
function known(value) {
  return typeof value === 'string' && value in catalogues;
}

const chosen = kept.get('language');
/** @type {Language} */
let language = known(chosen) ? chosen : preferred();

/** The page's words in the reader's language. */
export function words() {
  return catalogues[language];
}

export function currentLanguage() {
  return language;
}

/** Whether the reader has ever chosen a language. */
export function hasChosen() {
  return known(kept.get('language'));
}

/** @param {string} wanted @param {{remember: boolean}} options */
export function setLanguage(wanted, { remember }) {
  if (!known(wanted)) return;
  language = wanted;
  if (remember) kept.set('language', wanted);
  document.documentElement.lang = wanted;
}
