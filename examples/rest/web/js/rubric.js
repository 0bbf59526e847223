/** The competencies of the library's standard rubrics, which hold where an interview brings no rubric of its own. */
const STANDARD = {
  general: ['Relevance', 'Evidence', 'Communication'],
  technical: ['Technical knowledge', 'Problem solving', 'Communication'],
  behavioral: ['Situation and task', 'Action', 'Result', 'Communication'],
};

/**
 * @param {import('./types.js').InterviewType} type
 * @param {import('./types.js').Rubric | null | undefined} rubric
 * @returns {string[]}
 */
export function competenciesOf(type, rubric) {
  return rubric ? rubric.competencies.map(({ name }) => name) : STANDARD[type];
}
