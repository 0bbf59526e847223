import { competenciesOf } from '../../web/js/rubric.js';

/** The competencies that the page offers are those of the library's standard rubrics: the service takes each. */
export async function rubrics({ api }) {
  for (const interview_type of ['general', 'technical', 'behavioral']) {
    const questions = competenciesOf(interview_type, null).map((competency) => ({ text: `About ${competency}?`, competency }));
    await api.interview({ interview_type, questions });
  }
}
