import { h } from '../dom.js';
import { words } from '../i18n.js';
import { dictation } from './dictation.js';
import { textArea } from './field.js';
import { icon } from './icon.js';
import { explain } from './states.js';

/** The longest message, in Unicode scalar values. */
const LONGEST = 32_000;
/** From how many characters left the reader is told. */
const NEAR = 2000;

/** Where the candidate writes. @param {import('../room/conversation.js').Conversation} conversation @param {AbortSignal} signal */
export function composer(conversation, signal) {
  const w = words().room;
  const { outbox } = conversation;
  const mac = /Mac|iPhone|iPad/.test(navigator.platform);
  const area = textArea({
    id: 'answer',
    rows: 2,
    value: outbox.draft,
    placeholder: w.placeholder,
    'aria-describedby': 'answer-keys answer-length',
    enterkeyhint: 'enter',
  });
  const length = h('p', { class: 'length', id: 'answer-length', role: 'status' });
  const note = h('p', { class: 'delivery', role: 'status' });
  const send = h('button', { class: 'primary send' }, w.send, icon('send'));
  const speech = dictation(area, conversation.session.session_language, signal);
  if (area.value) note.textContent = w.kept;

  const measure = () => {
    // Counted only where it may matter: a scalar value takes one or two units.
    const left = LONGEST - (area.value.length < LONGEST - NEAR ? area.value.length : [...area.value].length);
    length.textContent = left < 0 ? w.over(-left) : left < NEAR ? w.left(left) : '';
    area.toggleAttribute('aria-invalid', left < 0);
    return left >= 0;
  };
  const submit = () => {
    const text = area.value.trim();
    if (!text || !measure() || outbox.unsent || !conversation.active) return area.focus();
    speech?.stop();
    area.value = '';
    area.fit();
    measure();
    conversation.send(text);
    area.focus();
  };
  area.addEventListener('input', () => {
    outbox.draft = area.value;
    if (note.textContent === w.kept) note.textContent = '';
    measure();
  });
  area.addEventListener('keydown', (event) => {
    // Enter also ends the choice of characters while Chinese is typed.
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  const form = h(
    'form',
    { class: 'composer', novalidate: true },
    note,
    h('label', { for: 'answer', class: 'hidden-text' }, w.label),
    area,
    speech?.note,
    h(
      'div',
      { class: 'composer-tools' },
      h('p', { class: 'keys', id: 'answer-keys' }, mac ? w.keysMac : w.keys),
      length,
      speech?.button,
      send,
    ),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });

  let told = '';
  const update = () => {
    const { delivery } = conversation;
    const unsent = Boolean(outbox.unsent);
    send.setAttribute('aria-disabled', String(unsent));
    const text = unsent ? deliveryText(delivery) : '';
    const kind = unsent ? delivery.state : '';
    if (`${kind}${text}` === told) return;
    told = `${kind}${text}`;
    if (!unsent) return note.replaceChildren();
    const again = h('button', { type: 'button', class: 'small', onclick: () => conversation.retry() }, w.retry);
    const back = h(
      'button',
      {
        type: 'button',
        class: 'small',
        onclick: () => {
          area.value = [conversation.takeBack(), area.value].filter(Boolean).join('\n\n');
          area.dispatchEvent(new Event('input'));
          area.focus();
        },
      },
      w.takeBack,
    );
    note.replaceChildren(h('span', null, text), ...(delivery.state === 'refused' ? [again, back] : []));
  };
  update();
  return { form, area, update };
}

/** @param {import('../room/conversation.js').Delivery} delivery */
function deliveryText(delivery) {
  const w = words().room;
  switch (delivery.state) {
    case 'sending':
      return w.sending;
    case 'waiting':
      return w.waiting;
    case 'again':
      return w.again(delivery.seconds ?? 1);
    case 'refused':
      return `${w.refused} ${explain(delivery.error)}`;
  }
}
