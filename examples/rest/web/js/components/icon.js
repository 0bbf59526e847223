import { svg } from '../dom.js';

/** Drawn on a square of 20 with strokes, in the colour of the text beside them. */
const PATHS = {
  add: 'M10 4v12M4 10h12',
  up: 'M10 16V5M5 9.5 10 4.5l5 5',
  down: 'M10 4v11M5 10.5l5 5 5-5',
  remove: 'M5 5l10 10M15 5 5 15',
  search: 'M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12M13.5 13.5 17 17',
  send: 'M3.5 10h12M10.5 5l5 5-5 5',
  microphone: 'M10 3a2.2 2.2 0 0 0-2.2 2.2v4.2a2.2 2.2 0 0 0 4.4 0V5.2A2.2 2.2 0 0 0 10 3M5 9.5a5 5 0 0 0 10 0M10 14.5V17',
  stop: 'M6 6h8v8H6z',
  link: 'M8.5 11.5a3 3 0 0 0 4.3 0l2.7-2.7a3 3 0 0 0-4.3-4.3L10 5.7M11.5 8.5a3 3 0 0 0-4.3 0l-2.7 2.7a3 3 0 0 0 4.3 4.3L10 14.3',
  edit: 'M4 16l.8-3.4L13 4.4a1.5 1.5 0 0 1 2.1 0l.5.5a1.5 1.5 0 0 1 0 2.1L7.4 15.2z',
  clock: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14M10 6.5V10l2.5 1.8',
  spark: 'M10 3l1.7 5.3L17 10l-5.3 1.7L10 17l-1.7-5.3L3 10l5.3-1.7z',
  download: 'M10 3.5v9M6 9l4 4 4-4M4 16.5h12',
  print: 'M6 8V3.5h8V8M6 14H4V8h12v6h-2M6 12h8v4.5H6z',
  again: 'M15.5 7A6 6 0 1 0 16 11.5M16 3.5V7h-3.5',
  warning: 'M10 3.5 17.5 16h-15zM10 8.5v3.5M10 14v.1',
  person: 'M10 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6M4 16.5a6 6 0 0 1 12 0',
};

/** @param {keyof typeof PATHS} name */
export function icon(name) {
  return svg(
    'svg',
    { class: 'icon', viewBox: '0 0 20 20', width: 20, height: 20, 'aria-hidden': 'true', focusable: 'false' },
    svg('path', { d: PATHS[name] }),
  );
}

/** The mark beside the name: a voice. */
export function mark() {
  return svg(
    'svg',
    { class: 'mark', viewBox: '0 0 32 32', width: 28, height: 28, 'aria-hidden': 'true', focusable: 'false' },
    svg('rect', { width: 32, height: 32, rx: 8 }),
    svg('path', { d: 'M7 12v8M11.5 8v16M16 11v10M20.5 6v20M25 13v6' }),
  );
}
