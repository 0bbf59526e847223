import { h, said } from '../dom.js';
import { dateTime, points } from '../format.js';
import { words } from '../i18n.js';

/** @typedef {import('../types.js').Evaluation} Evaluation */

/**
 * The versions that one evaluation and its predecessors and successors make, the oldest first.
 *
 * @param {Evaluation[]} all  of the interview
 * @param {string} id
 */
export function versionsOf(all, id) {
  const family = new Set([id]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const { id: one, supersedes } of all) {
      if (supersedes && (family.has(one) || family.has(supersedes))) family.add(one).add(supersedes);
    }
  }
  return all.filter((it) => family.has(it.id));
}

/** @param {Evaluation[]} versions @param {string} shown */
export function history(versions, shown) {
  const w = words().card;
  return h(
    'section',
    { class: 'history' },
    h('h2', null, w.history),
    h('p', { class: 'hint' }, w.historyHint),
    h(
      'ol',
      { class: 'entries', role: 'list', reversed: true },
      versions
        .map((version, place) => {
          const change = changeOf(version, versions);
          const here = version.id === shown;
          return h(
            'li',
            { class: 'entry' },
            h(
              'div',
              { class: 'entry-facts' },
              h('a', { href: `#/scorecards/${version.id}`, 'aria-current': here ? 'true' : null }, w.version(place + 1)),
              h('b', null, version.score === null ? w.noScore : points(version.score)),
              h('span', null, dateTime(version.created_at)),
              h(
                'span',
                null,
                change ? `${w.byPerson} ` : `${w.byJudge} `,
                said(change ? change.by : version.evaluator.provider),
              ),
              here && h('span', { class: 'entry-note' }, w.current),
            ),
          );
        })
        .reverse(),
    ),
  );
}

/** The change that made this version of the one before; none where it was judged. @param {Evaluation} version @param {Evaluation[]} versions */
function changeOf(version, versions) {
  const before = versions.find(({ id }) => id === version.supersedes);
  const changes = version.overridden ?? [];
  return changes.length > (before?.overridden?.length ?? 0) ? changes.at(-1) : undefined;
}
