-- One row for each message, each with the session's own columns: one statement is one snapshot.
SELECT
    messages.number, messages.id, messages.kind, messages.question, messages.content, messages.created_at, messages.origin,
    sessions.interview_id, sessions.session_language, sessions.status, sessions.version,
    sessions.started_at, sessions.created_at, sessions.updated_at, sessions.ended_at
FROM {schema}.sessions
LEFT JOIN {schema}.messages ON messages.session_seq = sessions.seq
WHERE sessions.id = $1 AND sessions.tenant = $2
ORDER BY messages.number
