import { post } from '../api.js';
import { h } from '../dom.js';
import { dateTime } from '../format.js';
import { LANGUAGES, words } from '../i18n.js';
import { go, refresh } from '../router.js';
import { badge } from './badge.js';
import { confirmDialog } from './dialog.js';
import { icon } from './icon.js';
import { inviteDialog } from './invite.js';
import { busy, problem } from './states.js';

/** @typedef {import('../types.js').Session} Session */

/** @param {Session[]} sessions @param {import('../types.js').Evaluation[]} evaluations @param {import('../types.js').Access} access */
export function sessionList(sessions, evaluations, access) {
  const w = words().interview;
  if (sessions.length === 0) return h('p', { class: 'none' }, w.noSessions);
  return h(
    'ul',
    { class: 'entries', role: 'list' },
    sessions.map((session) => entry(session, evaluations.some((it) => it.session_id === session.id), access)),
  );
}

/** @param {Session} session @param {boolean} judged @param {import('../types.js').Access} access */
function entry(session, judged, access) {
  const w = words();
  const i = w.interview;
  const trouble = problem();
  const answers = session.messages?.filter(({ type }) => type === 'user').length;
  /** @param {string} text @param {(button: HTMLButtonElement) => Promise<void>} work @param {import('../dom.js').Child} [sign] */
  const button = (text, work, sign) => {
    const made = h('button', { type: 'button', class: 'small' }, sign, text);
    made.addEventListener('click', () => busy(made, trouble, () => work(made)));
    return made;
  };
  const active = session.status === 'active';
  return h(
    'li',
    { class: 'entry' },
    h(
      'div',
      { class: 'entry-facts' },
      h('b', null, dateTime(session.started_at)),
      h('span', null, [LANGUAGES[session.session_language], answers === undefined ? '' : i.answers(answers)].filter(Boolean).join(' · ')),
      badge(active ? 'in_progress' : session.status, w.sessionStatuses[session.status]),
    ),
    h(
      'div',
      { class: 'entry-actions' },
      h('a', { class: 'button small', href: `#/room/${session.id}` }, i.open),
      active && access.invites && button(i.invite, async () => void (await inviteDialog(session.id, access.tokens)), icon('link')),
      active &&
        h(
          'button',
          {
            type: 'button',
            class: 'small quiet',
            onclick: () =>
              confirmDialog({
                title: i.giveUpTitle,
                texts: [i.giveUpText],
                yes: i.giveUp,
                danger: true,
                work: async () => {
                  await post(`/chat/${session.id}/abandon`, {});
                  refresh();
                },
              }),
          },
          i.giveUp,
        ),
      session.status === 'completed' && !judged && button(i.judge, async () => go(`/scorecards/${(await post(`/chat/${session.id}/end`)).id}`)),
    ),
    trouble.box,
  );
}
