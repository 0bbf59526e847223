-- The page first, and then what belongs to each of its entries, one by one: without statistics the server would look through all messages for each of them.
WITH page AS MATERIALIZED (
    SELECT events.*
    FROM {schema}.events
    JOIN {schema}.interviews AS owner ON owner.id = events.interview_id
    WHERE events.interview_id = $1 AND owner.tenant = $2 AND events.number > $3
    ORDER BY events.number
    LIMIT $4
)
SELECT
    page.number, page.session_id, page.time, page.actor, page.action, page.subject, page.message_number,
    page.evaluation_id, page.salt, page.digest, page.link,
    session.session_language, evaluation.document,
    message.number, message.id, message.kind, message.question, message.content, message.created_at, message.origin,
    plan.id, plan.candidate_name, plan.interview_type, plan.interview_language, plan.questions, plan.job_description,
    plan.resume, plan.external_id, plan.rubric, plan.max_answers, plan.status, plan.created_at, plan.updated_at,
    plan.calibration
FROM page
LEFT JOIN LATERAL (
    SELECT sessions.seq, sessions.session_language FROM {schema}.sessions
    WHERE sessions.id = page.session_id AND page.subject IN ('session', 'message')
    LIMIT 1
) AS session ON true
LEFT JOIN LATERAL (
    SELECT messages.* FROM {schema}.messages
    WHERE messages.session_seq = session.seq AND messages.number = page.message_number AND page.subject = 'message'
    LIMIT 1
) AS message ON true
LEFT JOIN LATERAL (
    SELECT evaluations.document FROM {schema}.evaluations
    WHERE evaluations.id = page.evaluation_id AND page.subject = 'evaluation'
    LIMIT 1
) AS evaluation ON true
LEFT JOIN LATERAL (
    SELECT interviews.* FROM {schema}.interviews
    WHERE interviews.id = page.interview_id AND interviews.erased_at IS NULL AND page.subject = 'plan' AND NOT EXISTS (
        SELECT FROM {schema}.events AS later
        WHERE later.interview_id = page.interview_id AND later.number = page.number + 1 AND later.subject = 'plan')
    LIMIT 1
) AS plan ON true
ORDER BY page.number
