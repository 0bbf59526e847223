import { h } from '../dom.js';
import { currentLanguage, words } from '../i18n.js';
import { icon } from './icon.js';

/**
 * Speech put into a text field, where the browser can: nothing is spoken to our service.
 *
 * @param {HTMLTextAreaElement} area
 * @param {string} language  of the session
 * @param {AbortSignal} signal
 * @returns {{button: HTMLButtonElement, note: HTMLElement, stop: () => void} | null}
 */
export function dictation(area, language, signal) {
  const { SpeechRecognition, webkitSpeechRecognition } = /** @type {any} */ (window);
  const Recognition = SpeechRecognition ?? webkitSpeechRecognition;
  if (!Recognition) return null;
  const w = words().room;
  const note = h('p', { class: 'hint', role: 'status' });
  const button = h('button', { type: 'button', class: 'dictate', 'aria-pressed': 'false' });
  /** @type {any} */
  let listening = null;
  let refused = false;

  const draw = () => {
    button.replaceChildren(icon(listening ? 'stop' : 'microphone'), h('span', null, listening ? w.stopDictating : w.dictate));
    button.setAttribute('aria-pressed', String(Boolean(listening)));
    note.textContent = refused ? w.dictationFailed : listening ? `${w.listening} ${w.dictationNote}` : '';
  };
  const stop = () => listening?.stop();
  const start = () => {
    const recognition = new Recognition();
    recognition.lang = language === 'en' && currentLanguage() === 'en' ? navigator.languages.find((it) => it.startsWith('en')) ?? 'en' : language;
    recognition.continuous = true;
    recognition.interimResults = false;
    recognition.onresult = (/** @type {any} */ event) => {
      for (let place = event.resultIndex; place < event.results.length; place += 1) {
        const result = event.results[place];
        if (result.isFinal) insert(area, result[0].transcript);
      }
    };
    recognition.onerror = (/** @type {any} */ event) => {
      refused = event.error !== 'no-speech' && event.error !== 'aborted';
    };
    recognition.onend = () => {
      listening = null;
      draw();
    };
    try {
      recognition.start();
      listening = recognition;
      refused = false;
    } catch {
      refused = true;
    }
    draw();
  };
  button.addEventListener('click', () => (listening ? stop() : start()));
  signal.addEventListener('abort', stop);
  draw();
  return { button, note, stop };
}

/** Where the cursor is, set off from what stands before it. @param {HTMLTextAreaElement} area @param {string} spoken */
function insert(area, spoken) {
  const before = area.value.slice(0, area.selectionStart);
  const gap = before && !/\s$/.test(before) && !/^[\s\p{Script=Han}]/u.test(spoken) ? ' ' : '';
  area.setRangeText(gap + spoken.trim(), area.selectionStart, area.selectionEnd, 'end');
  area.dispatchEvent(new Event('input', { bubbles: true }));
}
