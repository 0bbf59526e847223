/**
 * Addresses are fragments (`#/scorecards/…`): the server needs no rule for them under any prefix, and what stands in a fragment, such
 * as a candidate's token, is never sent to a server or written into its logs.
 *
 * @typedef {import('./types.js').Visit} Visit
 * @typedef {import('./types.js').View} View
 * @typedef {(visit: Visit) => Promise<View> | View} Page
 */

/** @type {{pattern: RegExp, page: Page}[]} */
const routes = [];

/** @param {string} pattern with `:` for each open part @param {Page} page */
export function route(pattern, page) {
  routes.push({ pattern: new RegExp(`^${pattern.replaceAll(':', '([^/]+)')}$`), page });
}

export function address() {
  const [path, query] = (location.hash.slice(1) || '/').split('?', 2);
  return { path, query: new URLSearchParams(query ?? '') };
}

/** @param {string} path @returns {{page: Page, params: string[]} | null} */
export function match(path) {
  for (const { pattern, page } of routes) {
    const found = pattern.exec(path);
    if (found) return { page, params: found.slice(1).map(decode) };
  }
  return null;
}

/** @param {string} part */
function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** @param {string} path */
export function go(path) {
  location.hash = path;
}

/** Changes the address without a visit: the page is already what it says. @param {string} path */
export function rewrite(path) {
  history.replaceState(null, '', `#${path}`);
}

/** Visits the address again. */
export function refresh() {
  window.dispatchEvent(new Event('hashchange'));
}
