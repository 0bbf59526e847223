import { currentLanguage, words } from './i18n.js';

/** @param {string} time */
export function dateTime(time) {
  return new Intl.DateTimeFormat(currentLanguage(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(time));
}

/** @param {string} time */
export function date(time) {
  return new Intl.DateTimeFormat(currentLanguage(), { dateStyle: 'medium' }).format(new Date(time));
}

/** @param {string} time */
export function clock(time) {
  return new Intl.DateTimeFormat(currentLanguage(), { timeStyle: 'short' }).format(new Date(time));
}

/** Minutes and seconds, with hours where there are any. @param {number} milliseconds */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  const two = (/** @type {number} */ value) => String(value).padStart(2, '0');
  return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
}

/** A share of one as points of a hundred. @param {number} share */
export function points(share) {
  return Math.round(Math.min(1, Math.max(0, share)) * 100);
}

/** A competency of the standard rubrics in the reader's language; any other as it is. @param {string} name */
export function competencyName(name) {
  const names = /** @type {Record<string, string>} */ (words().competencies);
  return Object.hasOwn(names, name) ? names[name] : name;
}

/** The word for a name that the service may extend. @param {Record<string, string>} table @param {string} name */
export function wordFor(table, name) {
  return Object.hasOwn(table, name) ? table[name] : name;
}
