/** A random key for a call that must not happen twice. `crypto.randomUUID` is missing on plain HTTP from another machine. */
export function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Gives the same key for the same body and a new one for another, so that a form sent twice is done once. */
export function keyring() {
  let last = '';
  let key = '';
  return (/** @type {unknown} */ body) => {
    const text = JSON.stringify(body);
    if (text !== last || !key) [last, key] = [text, randomKey()];
    return key;
  };
}
