head AS (
    UPDATE {schema}.audit_heads AS heads
    SET number = heads.number + cardinality($9::bytea[]),
        links = {schema}.links(heads.links[cardinality(heads.links)], heads.number, $9)
    FROM {schema}.interviews
    WHERE heads.interview_id = $11 AND NOT heads.erased AND interviews.id = $11 AND interviews.tenant = $12
      AND ($20 IS NULL OR heads.number = $20)
      AND NOT EXISTS (
        SELECT FROM {schema}.evaluations WHERE $17 IS NULL AND evaluations.session_id = $13 AND evaluations.status <> 'failed')
      AND ($17 IS NULL OR EXISTS (
        SELECT FROM {schema}.evaluations AS earlier
        WHERE earlier.id = $17 AND earlier.interview_id = $11 AND earlier.session_id IS NOT DISTINCT FROM $13
          AND earlier.status NOT IN ('pending', 'running')))
    RETURNING heads.interview_id, heads.number - cardinality($9) AS before, heads.links
), saved AS (
    INSERT INTO {schema}.evaluations (
        id, interview_id, tenant, session_id, status, created_at, document, supersedes, due_at, attempts, lease)
    SELECT $10, head.interview_id, $12, $13, $14, $15, $16, $17, $18, ($19::bytea IS NOT NULL)::integer, $19 FROM head
)
