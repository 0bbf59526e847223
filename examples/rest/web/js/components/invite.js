import { announce } from '../announce.js';
import { post } from '../api.js';
import { h } from '../dom.js';
import { dateTime } from '../format.js';
import { words } from '../i18n.js';
import { openDialog } from './dialog.js';
import { field } from './field.js';

/** Shows the candidate's link to a session. @param {string} session @param {boolean} tokens  whether the service asks for tokens */
export async function inviteDialog(session, tokens) {
  const w = words();
  const i = w.interview;
  /** @type {{token: string, expires_at: string} | null} */
  const made = tokens ? await post('/tokens', { session_id: session }) : null;
  // In the fragment, so that the token is in no request and no log.
  const address = `${location.href.split('#')[0]}#/room/${session}${made ? `/${encodeURIComponent(made.token)}` : ''}`;
  const link = field(i.link, h('input', { type: 'text', readOnly: true, value: address, class: 'link', onfocus: () => link.control.select() }));
  const copy = h('button', { type: 'button', class: 'primary' }, i.copy);
  copy.addEventListener('click', async () => {
    link.control.select();
    try {
      await navigator.clipboard.writeText(address);
    } catch {
      // No clipboard without HTTPS: the text stands selected.
      return;
    }
    copy.textContent = i.copied;
    announce(i.copied);
  });
  const dialog = openDialog(i.inviteTitle, [
    h('p', null, made ? i.inviteText : i.inviteOpen),
    link.box,
    made && h('p', { class: 'hint' }, i.expires(dateTime(made.expires_at))),
    h('div', { class: 'actions' }, h('button', { type: 'button', onclick: () => dialog.close() }, w.close), copy),
  ]);
  return dialog;
}
