import { forgetToken, keepToken } from '../access.js';
import { ApiError, whoAmI } from '../api.js';
import { field } from '../components/field.js';
import { busy, problem } from '../components/states.js';
import { h } from '../dom.js';
import { words } from '../i18n.js';
import { go } from '../router.js';

/** @param {(access: import('../types.js').Access) => void} signedIn @returns {import('../types.js').View} */
export function signInPage(signedIn) {
  const w = words().signIn;
  const trouble = problem();
  const token = field(w.token, h('input', { type: 'password', autocomplete: 'off', required: true, spellcheck: 'false' }), {
    hint: w.hint,
  });
  const submit = h('button', { class: 'primary' }, w.submit);
  const form = h('form', { class: 'sheet narrow', novalidate: true }, h('h1', null, w.title), h('p', null, w.lead), token.box, trouble.box, submit);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const value = token.control.value.trim();
    token.wrong(value ? '' : w.wrong);
    if (!value) return token.control.focus();
    busy(submit, trouble, async () => {
      keepToken(value);
      try {
        const access = await whoAmI();
        if (access.role === 'candidate' && access.session_id) {
          forgetToken();
          keepToken(value, access.session_id);
          return go(`/room/${access.session_id}`);
        }
        signedIn(access);
      } catch (error) {
        forgetToken();
        if (!(error instanceof ApiError) || error.status !== 401) throw error;
        token.wrong(w.wrong);
        token.control.focus();
      }
    });
  });
  return { title: w.title, content: form };
}
