import { randomKey } from '../ids.js';
import { kept } from '../storage.js';

/**
 * What a candidate has written and what has not arrived yet. Both outlive a reload and a closed tab, and are gone once they have
 * arrived or the session has ended.
 *
 * @typedef {object} Unsent
 * @property {string} key  the idempotency key: sending again cannot say it twice
 * @property {string} text
 * @property {number} after  how many answers were there before it
 */
export class Outbox {
  /** @param {string} session */
  constructor(session) {
    this.draftName = `draft.${session}`;
    this.unsentName = `unsent.${session}`;
    this.beganName = `began.${session}`;
    /** @type {Unsent | null} */
    this.unsent = kept.get(this.unsentName);
  }

  /**
   * When the candidate began: a link may be opened long after the session was started.
   *
   * @param {import('../types.js').Session} session
   * @param {number} now
   */
  began({ started_at, messages, status }, now) {
    const known = kept.get(this.beganName);
    if (typeof known === 'number') return known;
    const waiting = status === 'active' && messages.every(({ type }) => type === 'ai');
    if (!waiting) return Date.parse(started_at);
    kept.set(this.beganName, now);
    return now;
  }

  get draft() {
    return String(kept.get(this.draftName) ?? '');
  }

  set draft(text) {
    if (text) kept.set(this.draftName, text);
    else kept.remove(this.draftName);
  }

  /** @param {string} text @param {number} after */
  put(text, after) {
    this.unsent = { key: randomKey(), text, after };
    kept.set(this.unsentName, this.unsent);
    this.draft = '';
  }

  arrived() {
    this.unsent = null;
    kept.remove(this.unsentName);
  }

  clear() {
    this.arrived();
    this.draft = '';
  }
}
