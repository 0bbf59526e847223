import { h } from '../dom.js';
import { clock } from '../format.js';
import { words } from '../i18n.js';

/** @typedef {import('../room/conversation.js').Conversation} Conversation */
/** @typedef {import('../types.js').Message} Message */

/** What was said so far. Screen readers hear each message once, when it is whole. @param {Conversation} conversation */
export function transcript(conversation) {
  const w = words().room;
  const { session_language: lang } = conversation.session;
  const log = h('div', { class: 'log', role: 'log', 'aria-label': w.conversation });
  const underWay = h('div', { class: 'under-way' });
  /** @type {Map<string, HTMLElement>} */
  const shown = new Map();

  const update = () => {
    /** @type {Element | null} */
    let before = null;
    for (const message of conversation.messages) {
      let node = shown.get(message.id);
      if (!node) {
        node = bubble(message.type, message.content, lang, message.timestamp);
        shown.set(message.id, node);
        if (before) before.after(node);
        else log.prepend(node);
      }
      before = node;
    }
    const { undelivered } = conversation;
    const parts = [];
    if (undelivered !== null) {
      const sent = bubble('user', undelivered, lang);
      sent.classList.add('undelivered');
      parts.push(sent);
    }
    if (conversation.partial) {
      const reply = bubble('ai', conversation.partial, lang);
      reply.setAttribute('aria-hidden', 'true');
      reply.classList.add('partial');
      parts.push(reply);
    } else if (conversation.typing || (conversation.outbox.unsent && conversation.delivery.state === 'waiting')) {
      parts.push(dots());
    }
    underWay.replaceChildren(...parts);
  };
  update();
  return { nodes: [log, underWay], log, update };
}

/** @param {Message['type']} type @param {string} content @param {string} lang @param {string} [time] */
function bubble(type, content, lang, time) {
  const w = words().room;
  return h(
    'article',
    { class: `message from-${type}` },
    h('p', { class: 'who' }, h('b', null, type === 'ai' ? w.interviewer : w.you), time && h('time', { datetime: time }, clock(time))),
    h('p', { class: 'content', dir: 'auto', lang: type === 'ai' ? lang : null }, content),
  );
}

function dots() {
  return h('div', { class: 'dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i'));
}
