import { ApiError, get, post } from '../api.js';
import { listen, pause } from '../live.js';
import { Outbox } from './outbox.js';

/** @typedef {import('../types.js').Session} Session */
/** @typedef {import('../types.js').Message} Message */
/** @typedef {import('../types.js').LiveEvent} LiveEvent */

/**
 * `sending`: on its way; `waiting`: stored by the service, the reply is missing; `again`: another try follows by itself;
 * `refused`: only the candidate can go on.
 * @typedef {{state: 'sending' | 'waiting' | 'again' | 'refused', seconds?: number, error?: unknown}} Delivery
 */

/** How often the session is read where its events cannot be had. */
const POLL = 4000;

/** A session as it goes on; tells of each change with the event `change`. */
export class Conversation extends EventTarget {
  /** @param {Session} session @param {AbortSignal} signal */
  constructor(session, signal) {
    super();
    this.session = session;
    this.signal = signal;
    this.outbox = new Outbox(session.id);
    /** @type {Message[]} */
    this.messages = [];
    /** What the interviewer has said of a reply that is still under way. */
    this.partial = '';
    this.typing = false;
    /** @type {import('../live.js').LiveState} */
    this.link = 'connecting';
    /** Whether the service no longer lets the reader in: the token has expired, or the interview was erased. */
    this.shut = false;
    /** @type {Delivery} */
    this.delivery = { state: 'sending' };
    /** @type {string | null} */
    this.evaluation = null;
    this.#merge(session.messages);
  }

  get active() {
    return this.session.status === 'active';
  }

  get answers() {
    return this.messages.filter(({ type }) => type === 'user').length;
  }

  /** The text that is on its way, unless it stands in the conversation already. */
  get undelivered() {
    const { unsent } = this.outbox;
    if (!unsent || this.#hasArrived()) return null;
    return unsent.text;
  }

  /** Begins to listen, and sends what an earlier visit could not. */
  go() {
    if (!this.active) this.#settle();
    this.#listen();
    if (this.outbox.unsent && this.active) this.#deliver();
  }

  /** @param {string} text */
  send(text) {
    if (this.outbox.unsent || !this.active) return;
    this.outbox.put(text, this.answers);
    this.#deliver();
  }

  /** Tries again at once. */
  retry() {
    if (this.outbox.unsent) this.#deliver();
  }

  /** Gives the text back that was refused. */
  takeBack() {
    const text = this.outbox.unsent?.text ?? '';
    this.outbox.arrived();
    this.#changed();
    return text;
  }

  /** Ends the session, which is judged before the service answers. @returns {Promise<void>} */
  async end() {
    const evaluation = await post(`/chat/${this.session.id}/end`, undefined, { session: this.session.id });
    this.evaluation = evaluation?.id ?? null;
    this.#status('completed');
    this.stopListening?.();
  }

  async #deliver() {
    const { unsent } = this.outbox;
    if (!unsent) return;
    for (let tries = 0; !this.signal.aborted && this.outbox.unsent === unsent; tries += 1) {
      this.#delivery({ state: this.#hasArrived() ? 'waiting' : 'sending' });
      try {
        const turn = await post(
          `/chat/${this.session.id}/message`,
          { message: unsent.text },
          { key: unsent.key, session: this.session.id, signal: this.signal },
        );
        this.outbox.arrived();
        this.typing = false;
        this.#merge([turn.message, turn.ai_response]);
        this.#status(turn.session_status);
        return;
      } catch (error) {
        if (this.signal.aborted) return;
        const again = error instanceof ApiError && error.passing;
        this.typing = false;
        if (!again) {
          this.#delivery({ state: 'refused', error });
          return this.#reload();
        }
        const seconds = Math.min(30, error.retryAfter ?? 2 ** Math.min(tries, 4));
        this.#delivery({ state: this.#hasArrived() ? 'waiting' : 'again', seconds, error });
        await pause(seconds * 1000, this.signal);
      }
    }
  }

  #listen() {
    const until = new AbortController();
    this.signal.addEventListener('abort', () => until.abort());
    this.stopListening = () => until.abort();
    listen(
      this.session.id,
      {
        event: (event) => this.#heard(event),
        state: (state) => {
          this.link = state;
          // Pieces of a reply are told once: after a break the whole of it follows.
          if (state !== 'open') this.partial = '';
          this.#changed();
          if (state === 'refused') this.#poll();
        },
      },
      until.signal,
    );
  }

  /** @param {LiveEvent} event */
  #heard(event) {
    switch (event.type) {
      case 'message':
        if (event.message) this.#merge([event.message]);
        // Also where the answer to the request was faster, and what was told before it came after.
        if (event.message?.type === 'ai') this.#said();
        break;
      case 'token':
        if (this.#isAnswered(event.turn)) break;
        this.typing = true;
        this.partial = (event.again ? '' : this.partial) + (event.text ?? '');
        break;
      case 'typing':
        if (this.#isAnswered(event.turn)) break;
        this.typing = event.active ?? true;
        if (!this.typing) this.partial = '';
        break;
      case 'status':
        this.#status(event.status, event.time);
        break;
      case 'evaluation':
        this.evaluation = event.evaluation_id ?? this.evaluation;
        if (!this.active) this.stopListening?.();
        break;
    }
    this.#changed();
  }

  async #poll() {
    while (!this.signal.aborted && this.active && !this.shut) {
      await pause(POLL, this.signal);
      await this.#reload();
    }
  }

  async #reload() {
    try {
      const session = await get(`/chat/${this.session.id}`, { session: this.session.id, signal: this.signal });
      this.#merge(session.messages);
      this.#status(session.status, session.ended_at);
    } catch (error) {
      // Otherwise the next try will tell.
      this.shut = error instanceof ApiError && [401, 403, 404].includes(error.status);
      this.#changed();
    }
  }

  /** @param {(Message | undefined)[]} messages */
  #merge(messages) {
    for (const message of messages) {
      if (!message?.id || this.messages.some(({ id }) => id === message.id)) continue;
      this.messages.push(message);
      if (message.type === 'ai') {
        this.#said();
      } else if (this.#hasArrived()) {
        this.delivery = { state: 'waiting' };
      }
    }
    // By their numbers, where events and replies overtake each other.
    this.messages.sort((one, other) => (one.number ?? 0) - (other.number ?? 0));
    this.#changed();
  }

  /** Whether the reply to the candidate's message of this number is here already. @param {number} [turn] */
  #isAnswered(turn = Infinity) {
    return this.messages.some(({ type, number }) => type === 'ai' && (number ?? 0) > turn);
  }

  /** The interviewer has said it all. */
  #said() {
    this.partial = '';
    this.typing = false;
  }

  /** @param {string | undefined} status @param {string} [time]  when it came about, where that is known */
  #status(status, time) {
    const before = this.session.status;
    if (status === 'completed' || status === 'abandoned') {
      /** @type {Session} */
      const ended = { ...this.session, status };
      ended.ended_at = time ?? this.session.ended_at ?? this.messages.at(-1)?.timestamp;
      this.session = ended;
      if (before === 'active') this.#settle();
    }
    this.#changed();
  }

  /** Nothing more can be said. */
  #settle() {
    this.outbox.clear();
    this.typing = false;
    this.partial = '';
    // A session that ends by itself is judged on request; asking is harmless where it has been.
    if (this.session.status === 'completed' && !this.evaluation) this.end().catch(() => this.#changed());
    if (this.session.status === 'abandoned') this.stopListening?.();
  }

  #hasArrived() {
    const { unsent } = this.outbox;
    if (!unsent) return false;
    const answers = this.messages.filter(({ type }) => type === 'user');
    return answers.slice(unsent.after).some(({ content }) => content === unsent.text);
  }

  /** @param {Delivery} delivery */
  #delivery(delivery) {
    this.delivery = delivery;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
