/**
 * What the browser keeps for the reader. A browser may refuse to keep anything; the page then works without a memory.
 *
 * @param {() => Storage} open
 */
function storage(open) {
  return {
    /** @param {string} name @returns {any} */
    get(name) {
      try {
        const text = open().getItem(`vivavoce.${name}`);
        return text === null ? null : JSON.parse(text);
      } catch {
        return null;
      }
    },
    /** @param {string} name @param {unknown} value */
    set(name, value) {
      try {
        open().setItem(`vivavoce.${name}`, JSON.stringify(value));
      } catch {
        // Full, or forbidden.
      }
    },
    /** @param {string} name */
    remove(name) {
      try {
        open().removeItem(`vivavoce.${name}`);
      } catch {
        // As above.
      }
    },
  };
}

/** Stays until it is removed: the reader's language, and a candidate's words until they have arrived. */
export const kept = storage(() => localStorage);
/** Goes with the tab: tokens, and forms that are not saved yet. */
export const tab = storage(() => sessionStorage);
