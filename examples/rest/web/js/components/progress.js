import { serviceNow } from '../api.js';
import { h } from '../dom.js';
import { duration } from '../format.js';
import { words } from '../i18n.js';
import { icon } from './icon.js';

/** How long and how far. @param {import('../room/conversation.js').Conversation} conversation @param {AbortSignal} signal */
export function progress(conversation, signal) {
  const w = words().room;
  const time = h('span', { class: 'time' });
  const timer = h('span', { class: 'timer', role: 'timer', 'aria-live': 'off' }, icon('clock'), h('span', { class: 'hidden-text' }), time);
  const text = h('span', { class: 'answers', id: 'answers-given' });
  const bar = h('progress', { 'aria-labelledby': 'answers-given' });

  const began = conversation.outbox.began(conversation.session, serviceNow());
  const tick = () => {
    const { session } = conversation;
    const until = session.ended_at ? Date.parse(session.ended_at) : serviceNow();
    time.textContent = duration(until - began);
    timer.children[1].textContent = session.ended_at ? w.took : w.elapsed;
  };
  const update = () => {
    const { answers, session } = conversation;
    const all = session.max_answers;
    text.textContent = all ? w.answers(answers, all) : w.answersGiven(answers);
    bar.hidden = !all;
    bar.max = all ?? 1;
    bar.value = all ? answers : 0;
    tick();
  };
  update();
  const clock = setInterval(tick, 1000);
  signal.addEventListener('abort', () => clearInterval(clock));
  return { box: h('div', { class: 'progress' }, bar, text, timer), update };
}
