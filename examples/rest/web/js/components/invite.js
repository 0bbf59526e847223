import { announce } from '../announce.js';
import { post } from '../api.js';
import { h } from '../dom.js';
import { dateTime } from '../format.js';
import { words } from '../i18n.js';
import { openDialog } from './dialog.js';
import { field } from './field.js';
import { busy, problem } from './states.js';

/** For how many days a link may be good; the middle one unless somebody chooses. */
const DAYS = [1, 7, 30];

/** Shows the candidate's link to a session. @param {string} session @param {boolean} tokens  whether the service asks for tokens */
export async function inviteDialog(session, tokens) {
  const w = words();
  const i = w.interview;
  const link = field(i.link, h('input', { type: 'text', readOnly: true, class: 'link', onfocus: () => link.control.select() }));
  const days = field(i.valid, h('select', null, DAYS.map((count) => h('option', { value: String(count), selected: count === 7 }, i.days(count)))));
  const until = h('p', { class: 'hint', role: 'status' });
  const trouble = problem();
  const make = async () => {
    /** @type {{token: string, expires_at: string} | null} */
    const made = tokens ? await post('/tokens', { session_id: session, expires_in: Number(days.control.value) * 86_400 }) : null;
    // In the fragment, so that the token is in no request and no log.
    link.control.value = `${location.href.split('#')[0]}#/room/${session}${made ? `/${encodeURIComponent(made.token)}` : ''}`;
    copy.textContent = i.copy;
    if (made) until.textContent = i.expires(dateTime(made.expires_at));
  };
  const copy = h('button', { type: 'button', class: 'primary' }, i.copy);
  copy.addEventListener('click', async () => {
    link.control.select();
    try {
      await navigator.clipboard.writeText(link.control.value);
    } catch {
      // No clipboard without HTTPS: the text stands selected.
      return;
    }
    copy.textContent = i.copied;
    announce(i.copied);
  });
  days.control.addEventListener('change', () => busy(copy, trouble, make));
  await make();
  const dialog = openDialog(i.inviteTitle, [
    h('p', null, tokens ? i.inviteText : i.inviteOpen),
    tokens && days.box,
    link.box,
    tokens && until,
    trouble.box,
    h('div', { class: 'actions' }, h('button', { type: 'button', onclick: () => dialog.close() }, w.close), copy),
  ]);
  return dialog;
}
