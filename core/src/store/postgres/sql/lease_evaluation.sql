-- One row where the evaluation is not final: until when another holds it, or null where it is the caller's now.
WITH job AS MATERIALIZED (
    SELECT id, due_at, lease IS NOT NULL AND lease <> $5 AND due_at > $3 AS held
    FROM {schema}.evaluations
    WHERE id = $1 AND tenant = $2 AND status IN ('pending', 'running')
    FOR UPDATE
), leased AS (
    UPDATE {schema}.evaluations AS mine
    SET status = 'running', due_at = $4, lease = $5, attempts = mine.attempts + (mine.lease IS DISTINCT FROM $5)::integer
    FROM job
    WHERE mine.id = job.id AND NOT job.held
)
SELECT CASE WHEN held THEN due_at END FROM job
