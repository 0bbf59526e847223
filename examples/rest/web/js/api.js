import { tokenFor } from './access.js';
import { BASE } from './config.js';
import { randomKey } from './ids.js';

/** @typedef {import('./types.js').Access} Access */

export class ApiError extends Error {
  /** @param {number} status 0 where the service was not reached @param {string} message @param {string} [details] @param {number} [retryAfter] seconds */
  constructor(status, message, details, retryAfter) {
    super(message);
    this.status = status;
    this.details = details;
    this.retryAfter = retryAfter;
  }

  /** Whether the same call may well succeed later. */
  get passing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** How far the service's clock is before the reader's, in milliseconds. */
let clockOffset = 0;

/** Now, by the service's clock: the reader's may be wrong by hours. */
export function serviceNow() {
  return Date.now() + clockOffset;
}

/**
 * @param {string} [session]
 * @returns {Record<string, string>}
 */
export function authorization(session) {
  const token = tokenFor(session);
  return token ? { Authorization: `Bearer ${token}` } : {};
}

/** @param {Response} response */
export async function errorOf(response) {
  let body;
  try {
    body = await response.json();
  } catch {
    body = null;
  }
  const text = typeof body?.error === 'string' ? body.error : `HTTP ${response.status}`;
  const details = typeof body?.details === 'string' ? body.details : undefined;
  return new ApiError(response.status, text, details, Number(response.headers.get('Retry-After')) || undefined);
}

/**
 * @typedef {object} Options
 * @property {unknown} [body]
 * @property {string} [key]  the idempotency key of a POST; a new one where none is given
 * @property {string} [session]  whose candidate's token to use
 * @property {AbortSignal} [signal]
 *
 * @param {string} method
 * @param {string} path
 * @param {Options} [options]
 * @returns {Promise<Response>}
 */
async function call(method, path, { body, key, session, signal } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: 'application/json', ...authorization(session) };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (method === 'POST') headers['Idempotency-Key'] = key ?? randomKey();
  let response;
  try {
    response = await fetch(BASE + path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
      cache: 'no-store',
      credentials: 'omit',
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 'unreachable');
  }
  const date = Date.parse(response.headers.get('Date') ?? '');
  // The header has whole seconds: small differences are not a wrong clock.
  if (Math.abs(date - Date.now()) > 2000) clockOffset = date - Date.now();
  if (!response.ok) throw await errorOf(response);
  return response;
}

/** @param {string} path @param {Options} [options] @returns {Promise<any>} */
export async function get(path, options) {
  return (await call('GET', path, options)).json();
}

/** @param {string} path @param {unknown} [body] @param {Options} [options] @returns {Promise<any>} */
export async function post(path, body, options) {
  const response = await call('POST', path, { ...options, body });
  return response.status === 204 ? null : response.json();
}

/** @param {string} path @param {unknown} body @param {Options} [options] @returns {Promise<any>} */
export async function patch(path, body, options) {
  return (await call('PATCH', path, { ...options, body })).json();
}

/** @param {string} path */
export async function remove(path) {
  await call('DELETE', path);
}

/** Saves a file through the browser; a plain link could not carry the token. @param {string} path @param {string} filename */
export async function download(path, filename) {
  const blob = await (await call('GET', path)).blob();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = filename;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** What the reader may do. @returns {Promise<Access>} */
export function whoAmI() {
  return get('/access');
}
