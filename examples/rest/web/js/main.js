import { announcer } from './announce.js';
import { forgetToken, isCandidate, keepToken } from './access.js';
import { ApiError, whoAmI } from './api.js';
import { footer, header } from './components/frame.js';
import { errorState, loadingState } from './components/states.js';
import { fill, h } from './dom.js';
import { currentLanguage, setLanguage, words } from './i18n.js';
import { interviewPage } from './pages/interview.js';
import { listPage } from './pages/list.js';
import { editPage, preparePage } from './pages/prepare.js';
import { roomPage } from './pages/room.js';
import { scorecardPage } from './pages/scorecard.js';
import { signInPage } from './pages/sign-in.js';
import { address, match, refresh, rewrite, route } from './router.js';

/** @typedef {import('./types.js').Access} Access */

route('/', listPage);
route('/new', preparePage);
route('/interviews/:', interviewPage);
route('/interviews/:/edit', editPage);
route('/room/:', roomPage);
route('/scorecards/:', scorecardPage);

const ROOM = /^\/room\/([^/]+)(?:\/([^/]+))?$/;

const top = h('header', { class: 'top' });
const main = h('main', { id: 'content', tabindex: '-1' });
const bottom = h('footer', { class: 'bottom' });
const skip = h('a', {
  class: 'skip',
  href: '#content',
  onclick: (/** @type {Event} */ event) => {
    // The fragment is an address here.
    event.preventDefault();
    main.focus();
  },
});

/** @type {Access | null} */
let access = null;
/** @type {AbortController} */
let visit = new AbortController();
let first = true;

/** What the reader may do at this address. @param {string} path @returns {Promise<Access>} */
async function accessAt(path) {
  const room = ROOM.exec(path);
  if (room && isCandidate(room[1])) return { role: 'candidate', tokens: true, invites: false, session_id: room[1] };
  access ??= await whoAmI();
  return access;
}

/** A candidate's link carries the token; it is kept by the tab and taken out of the address, the history and the reader's view. */
function takeToken() {
  const room = ROOM.exec(address().path);
  if (!room?.[2]) return;
  keepToken(room[2], room[1]);
  rewrite(`/room/${room[1]}`);
}

/** @param {Access | null} seen */
function drawFrame(seen) {
  const w = words();
  skip.textContent = w.skip;
  fill(top, ...header(seen, { chooseLanguage, signOut }));
  fill(bottom, ...footer());
}

/** @param {string} language */
function chooseLanguage(language) {
  setLanguage(language, { remember: true });
  refresh();
  top.querySelector('select')?.focus();
}

function signOut() {
  forgetToken();
  access = null;
  location.hash = '/';
  refresh();
}

/** @param {Access} seen */
function signedIn(seen) {
  access = seen;
  refresh();
}

async function show() {
  takeToken();
  visit.abort();
  visit = new AbortController();
  const { signal } = visit;
  const { path, query } = address();
  const w = words();
  document.documentElement.classList.remove('in-room');
  // What loads at once should not flash.
  const slow = setTimeout(() => fill(main, loadingState()), first ? 0 : 200);
  let view;
  let seen = null;
  try {
    seen = await accessAt(path);
    const found = match(path);
    if (!found) throw new ApiError(404, 'no such page');
    if (seen.role === 'candidate' && !ROOM.test(path)) throw new ApiError(403, 'not for candidates');
    view = await found.page({ params: found.params, query, signal, access: seen, first });
  } catch (error) {
    if (signal.aborted) return clearTimeout(slow);
    const refused = error instanceof ApiError && error.status === 401;
    if (refused && ROOM.test(path)) {
      view = { title: w.room.title, content: errorState(w.room.expired) };
    } else if (refused) {
      access = null;
      view = signInPage(signedIn);
    } else {
      view = { title: w.errors.title, content: errorState(error, () => refresh()) };
    }
  }
  clearTimeout(slow);
  if (signal.aborted) return;
  drawFrame(seen);
  document.title = `${view.title} – Vivavoce`;
  fill(main, view.content);
  if (first) {
    first = false;
    return;
  }
  window.scrollTo(0, 0);
  // A reader who pressed something in the frame, such as the choice of language, stays there.
  if (!top.contains(document.activeElement)) focusHeading();
}

function focusHeading() {
  const heading = main.querySelector('h1') ?? main;
  heading.setAttribute('tabindex', '-1');
  heading.focus({ preventScroll: true });
}

setLanguage(currentLanguage(), { remember: false });
document.body.append(skip, top, main, bottom, announcer());
drawFrame(null);
window.addEventListener('hashchange', show);
show();
