-- Runs under the head's lock, after which no session and no evaluation of the interview can be added.
WITH gone AS (
    DELETE FROM {schema}.sessions WHERE interview_id = $1 RETURNING seq, id, listened_until
), silent AS (
    DELETE FROM {schema}.messages USING gone WHERE messages.session_seq = gone.seq
), unjudged AS (
    DELETE FROM {schema}.evaluations WHERE interview_id = $1
), forgotten AS (
    DELETE FROM {schema}.kept_replies WHERE interview_id = $1 RETURNING bytes
), lighter AS (
    UPDATE {schema}.kept_replies_total AS totals SET bytes = totals.bytes - gone.bytes
    FROM (SELECT sum(bytes) AS bytes FROM forgotten) AS gone
    WHERE gone.bytes > 0
), unsalted AS (
    UPDATE {schema}.events SET salt = NULL WHERE interview_id = $1
), logged AS (
    INSERT INTO {schema}.events (interview_id, number, session_id, time, actor, action, subject, salt, digest, link)
    VALUES ($1, $3, $4, $5, $6, $7, 'nothing', $8, $9, $10)
), unasked AS (
    UPDATE {schema}.idempotency_keys SET request = NULL WHERE interview_id = $1
), blank AS (
    UPDATE {schema}.interviews
    SET candidate_name = '', candidate_name_folded = '', external_id = NULL, job_description = NULL, resume = NULL,
        questions = '[]', rubric = NULL, calibration = NULL, erased_at = $2
    WHERE id = $1
)
SELECT pg_notify('{channel}', gone.id::text) IS NULL FROM gone WHERE gone.listened_until > now()
