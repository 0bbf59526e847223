/** Who is in the list, so that there is something to find and to leave out: drafts, interviews under way, and some that were held. */
const PEOPLE = [
  ['Priya Raman', 'behavioral', 'en', 'Tell me about a disagreement that mattered. How was it settled?', 'We tried both ways for a week and measured: mine was 20% slower, so we took the other.'],
  ['Tomás Ó Súilleabháin', 'general', 'en', 'Why do you want to work here?', null],
  ['陳怡君', 'technical', 'zh-TW', '什麼是交易的隔離層級？', '隔離層級決定一個交易能看到其他交易的哪些變更，例如讀取已提交的資料。'],
  ['Grace Hopper', 'technical', 'en', 'How does a compiler find an error?', undefined],
  ['王志明', 'behavioral', 'zh-TW', '請談談您處理過的衝突。', null],
  ['Katherine Johnson', 'technical', 'en', 'How do you check a figure that everybody believes?', 'I computed the orbit by hand, from the other end, and compared the two to the last digit.'],
];

/** An answer ends the interview, null leaves it under way, and nothing leaves it a draft. */
export async function people({ api }) {
  for (const [candidate_name, interview_type, interview_language, question, answer] of PEOPLE) {
    const interview = await api.interview({ candidate_name, interview_type, interview_language, questions: [question] });
    if (answer === undefined) continue;
    const session = await api.post(`/interviews/${interview.id}/chat/start`);
    if (answer === null) continue;
    await api.post(`/chat/${session.id}/message`, { message: answer });
    await api.post(`/chat/${session.id}/end`);
  }
}
