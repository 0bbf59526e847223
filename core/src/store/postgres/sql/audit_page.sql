SELECT
    events.number, events.session_id, events.time, events.actor, events.action, events.subject, events.message_number,
    events.evaluation_id, events.salt, events.digest, events.link,
    sessions.session_language, evaluations.document,
    messages.number, messages.id, messages.kind, messages.question, messages.content, messages.created_at, messages.origin,
    plan.id, plan.candidate_name, plan.interview_type, plan.interview_language, plan.questions, plan.job_description,
    plan.resume, plan.external_id, plan.rubric, plan.max_answers, plan.status, plan.created_at, plan.updated_at
FROM {schema}.events
JOIN {schema}.interviews AS owner ON owner.id = events.interview_id AND owner.tenant = $2
LEFT JOIN {schema}.sessions ON sessions.id = events.session_id AND events.subject IN ('session', 'message')
LEFT JOIN {schema}.messages
    ON messages.session_seq = sessions.seq AND messages.number = events.message_number AND events.subject = 'message'
LEFT JOIN {schema}.evaluations ON evaluations.id = events.evaluation_id AND events.subject = 'evaluation'
LEFT JOIN {schema}.interviews AS plan
    ON plan.id = events.interview_id AND plan.erased_at IS NULL AND events.subject = 'plan' AND NOT EXISTS (
        SELECT FROM {schema}.events AS later
        WHERE later.interview_id = events.interview_id AND later.number = events.number + 1 AND later.subject = 'plan')
WHERE events.interview_id = $1 AND events.number > $3
ORDER BY events.number
LIMIT $4
