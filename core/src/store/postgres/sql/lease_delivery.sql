-- What others are taking or ending at this moment is passed over.
WITH next AS MATERIALIZED (
    SELECT deliveries.interview_id, deliveries.number, deliveries.subscription
    FROM {schema}.deliveries
    JOIN {schema}.subscriptions ON subscriptions.seq = deliveries.subscription
    WHERE subscriptions.tenant = $1 AND subscriptions.name = $2 AND deliveries.due_at <= $3
    ORDER BY deliveries.due_at, deliveries.interview_id, deliveries.number
    LIMIT 1
    FOR UPDATE OF deliveries SKIP LOCKED
), leased AS (
    UPDATE {schema}.deliveries AS delivery
    SET due_at = $4, lease = $5, attempts = delivery.attempts + 1
    FROM next
    WHERE delivery.interview_id = next.interview_id AND delivery.number = next.number
        AND delivery.subscription = next.subscription
    RETURNING delivery.interview_id, delivery.number, delivery.attempts
)
SELECT events.number, events.session_id, events.time, events.actor, events.action, events.subject, events.message_number,
    events.evaluation_id, events.salt, events.digest, events.link, events.interview_id, leased.attempts
FROM leased
JOIN {schema}.events ON events.interview_id = leased.interview_id AND events.number = leased.number
