SELECT
    events.interview_id, events.number, events.time, events.actor, events.action, events.subject, events.evaluation_id,
    messages.number, messages.id, messages.kind, messages.question, messages.content, messages.created_at, messages.origin
FROM {schema}.sessions
JOIN {schema}.events ON events.session_id = sessions.id AND events.number > $3
LEFT JOIN {schema}.messages
    ON messages.session_seq = sessions.seq AND messages.number = events.message_number AND events.subject = 'message'
WHERE sessions.id = $1 AND sessions.tenant = $2
ORDER BY events.number
LIMIT $4
