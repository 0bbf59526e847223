import { tab } from './storage.js';

/** @param {string} [session] */
const name = (session) => (session ? `token.${session}` : 'token');

/**
 * The token for a call: for calls of a session, the candidate's for it if the tab has one. Tokens are kept by the tab alone and
 * sent in a header, never in an address.
 *
 * @param {string} [session]
 * @returns {string | null}
 */
export function tokenFor(session) {
  return (session && tab.get(name(session))) || tab.get(name());
}

/** @param {string} session */
export function isCandidate(session) {
  return tab.get(name(session)) !== null;
}

/** @param {string} token @param {string} [session] */
export function keepToken(token, session) {
  tab.set(name(session), token);
}

export function forgetToken() {
  tab.remove(name());
}
