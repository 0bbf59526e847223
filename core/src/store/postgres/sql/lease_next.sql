-- What others are taking or finishing at this moment is passed over.
WITH next AS MATERIALIZED (
    SELECT id FROM {schema}.evaluations
    WHERE status IN ('pending', 'running') AND due_at <= $1
    ORDER BY due_at, seq
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
UPDATE {schema}.evaluations AS job
SET status = 'running', due_at = $2, lease = $3, attempts = job.attempts + 1
FROM next
WHERE job.id = next.id
RETURNING job.tenant, job.id, job.attempts
