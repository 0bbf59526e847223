import { h, said } from '../dom.js';
import { words } from '../i18n.js';

/** Enough of the rubric's hash to tell rubrics apart, as in the downloads. */
const SHORT = 12;

/** Who judged, by what. @param {import('../types.js').Evaluation} evaluation */
export function provenance(evaluation) {
  const w = words().card;
  const { evaluator, calls } = evaluation;
  const tokens = (calls ?? []).reduce((sum, call) => [sum[0] + call.tokens.input, sum[1] + call.tokens.output], [0, 0]);
  /** @type {[string, string | number][]} */
  const facts = [
    [w.provider, evaluator.provider === 'builtin' ? w.builtin : evaluator.provider],
    [w.model, evaluator.model],
    [w.ruleVersion, evaluator.version],
    ...(evaluator.panel?.judges ?? []).map(
      (judge, place) => /** @type {[string, string]} */ ([`${w.judges} ${place + 1}`, `${judge.provider}/${judge.model}`]),
    ),
    ...(evaluation.calibration ? [/** @type {[string, string]} */ ([w.calibration, evaluation.calibration])] : []),
    [w.rubric, evaluation.rubric_hash.slice(0, SHORT)],
    [w.id, evaluation.id],
  ];
  if (calls?.length) facts.push([w.calls, calls.length], [w.tokens, tokens.join(' / ')]);
  return h(
    'section',
    { class: 'provenance' },
    h('h2', null, w.provenance),
    h('dl', null, facts.map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, said(String(value)))))),
  );
}
