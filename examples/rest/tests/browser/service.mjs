import assert from 'node:assert/strict';

/** The service's own interface, to prepare what a test needs and to see what was stored. */
export function service(url, token) {
  const headers = { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) };
  const call = async (method, path, body) => {
    const response = await fetch(new URL(`api${path}`, url), { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${await response.clone().text()}`);
    return response.status === 204 ? null : response.json();
  };
  return {
    get: (path) => call('GET', path),
    post: (path, body = {}) => call('POST', path, body),
    async interview(plan) {
      return call('POST', '/interviews', { candidate_name: 'Ada', interview_type: 'technical', questions: ['What is a deadlock?', 'What is a lock-free queue?'], ...plan });
    },
    async session(plan) {
      const interview = await this.interview(plan);
      return call('POST', `/interviews/${interview.id}/chat/start`, {});
    },
    /** What the candidate has said, as it is stored. */
    async answers(session) {
      const { messages } = await call('GET', `/chat/${session}`);
      return messages.filter(({ type }) => type === 'user').map(({ content }) => content);
    },
  };
}
