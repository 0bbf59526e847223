import { announce } from '../announce.js';
import { get } from '../api.js';
import { composer } from '../components/composer.js';
import { confirmDialog } from '../components/dialog.js';
import { icon } from '../components/icon.js';
import { progress } from '../components/progress.js';
import { transcript } from '../components/transcript.js';
import { fill, h, said } from '../dom.js';
import { currentLanguage, hasChosen, setLanguage, words } from '../i18n.js';
import { Conversation } from '../room/conversation.js';

/** @typedef {import('../types.js').Session} Session */

/** @param {import('../types.js').Visit} visit @returns {Promise<import('../types.js').View>} */
export async function roomPage({ params: [id], signal, access, first }) {
  const session = /** @type {Session} */ (await get(`/chat/${id}`, { session: id, signal }));
  // Who comes by a link and has chosen no language is greeted in that of the interview.
  if (first && !hasChosen() && currentLanguage() !== session.session_language) {
    setLanguage(session.session_language, { remember: false });
  }
  const w = words().room;
  const staff = access.role !== 'candidate';
  const interview = staff ? /** @type {import('../types.js').Interview} */ (await get(`/interviews/${session.interview_id}`, { signal })) : null;
  const conversation = new Conversation(session, signal);
  const talk = transcript(conversation);
  const answer = composer(conversation, signal);
  const far = progress(conversation, signal);
  const link = h('p', { class: 'link-state', role: 'status' });
  const end = h('button', { type: 'button', class: 'small', onclick: () => askToEnd(conversation) }, w.end);
  const newMessage = h('button', { type: 'button', class: 'new-message', hidden: true, onclick: () => toEnd() }, icon('down'), w.newMessage);
  const foot = h('div', { class: 'room-foot' }, newMessage, link, answer.form);
  const typing = h('p', { class: 'hidden-text', role: 'status' });

  const nearEnd = () => window.innerHeight + window.scrollY > document.documentElement.scrollHeight - 160;
  const toEnd = () => {
    newMessage.hidden = true;
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    window.scrollTo({ top: document.documentElement.scrollHeight, behavior: calm ? 'auto' : 'smooth' });
  };
  window.addEventListener('scroll', () => nearEnd() && (newMessage.hidden = true), { signal, passive: true });

  let count = conversation.messages.length;
  let over = '';
  /** Once the conversation is over, what comes next takes the place of the field to write in. */
  const close = () => {
    const state = `${conversation.session.status} ${conversation.evaluation}`;
    if (over === state) return;
    over = state;
    const writing = foot.contains(document.activeElement);
    const closing = ending(conversation, staff);
    fill(foot, closing);
    end.hidden = true;
    if (writing) closing.querySelector('h2')?.focus();
    toEnd();
  };
  const update = () => {
    const near = nearEnd();
    const grown = conversation.messages.length > count;
    count = conversation.messages.length;
    talk.update();
    far.update();
    answer.update();
    typing.textContent = conversation.typing ? w.typing : '';
    drawLink();
    if (!conversation.active) close();
    if (near) toEnd();
    else if (grown && conversation.active) newMessage.hidden = false;
  };
  const drawLink = () => {
    // A dead connection is noticed late; the browser knows at once that it has no network.
    const gone = conversation.active && (conversation.link === 'waiting' || !navigator.onLine);
    const open = conversation.link === 'open' && navigator.onLine;
    if (open && link.textContent) announce(w.online);
    if (conversation.shut) link.textContent = w.expired;
    else if (gone || open) link.textContent = gone ? w.offline : '';
  };

  /** Changes come in bursts while a reply is written. */
  let drawing = false;
  conversation.addEventListener('change', () => {
    if (drawing || signal.aborted) return;
    drawing = true;
    requestAnimationFrame(() => {
      drawing = false;
      if (!signal.aborted) update();
    });
  });
  for (const change of ['offline', 'online']) window.addEventListener(change, update, { signal });
  document.documentElement.classList.add('in-room');
  update();
  queueMicrotask(() => conversation.go());
  setTimeout(() => !signal.aborted && conversation.messages.length > 1 && toEnd(), 0);

  const title = interview ? w.titleFor(interview.candidate_name) : w.title;
  const content = h(
    'div',
    { class: 'room' },
    h(
      'div',
      { class: 'room-head' },
      h('div', { class: 'headline' }, h('h1', null, said(title)), end),
      far.box,
    ),
    h('p', { class: 'ai' }, icon('spark'), h('span', null, w.ai)),
    talk.nodes,
    typing,
    foot,
  );
  return { title, content };

  /** @param {Conversation} talked @param {boolean} reader */
  function ending(talked, reader) {
    const abandoned = talked.session.status === 'abandoned';
    const heading = h('h2', { tabindex: '-1' }, abandoned ? w.abandoned : w.ended);
    if (!reader) return h('section', { class: 'ending' }, heading, h('p', null, abandoned ? w.abandonedText : w.thanks));
    return h(
      'section',
      { class: 'ending' },
      heading,
      !abandoned && !talked.evaluation && h('p', { role: 'status' }, w.judging),
      h(
        'div',
        { class: 'actions start' },
        talked.evaluation && h('a', { class: 'button primary', href: `#/scorecards/${talked.evaluation}` }, w.toScorecard),
        h('a', { class: 'button', href: `#/interviews/${talked.session.interview_id}` }, w.toInterview),
      ),
    );
  }
}

/** @param {Conversation} conversation */
function askToEnd(conversation) {
  const w = words().room;
  const written = conversation.outbox.draft.trim() || conversation.undelivered;
  confirmDialog({
    title: w.endTitle,
    texts: [w.endText, Boolean(written) && w.endUnsent],
    yes: w.endButton,
    no: w.keepGoing,
    danger: true,
    work: () => conversation.end(),
  });
}
