saved AS (
    UPDATE {schema}.evaluations SET status = $14, document = $16, created_at = $15, lease = NULL
    WHERE id = $10 AND interview_id = $11 AND tenant = $12 AND session_id IS NOT DISTINCT FROM $13
      AND status IN ('pending', 'running') AND (lease IS NULL OR lease = $19)
    RETURNING interview_id
), head AS (
    UPDATE {schema}.audit_heads AS heads
    SET number = heads.number + cardinality($9::bytea[]),
        links = {schema}.links(heads.links[cardinality(heads.links)], heads.number, $9)
    FROM saved
    WHERE heads.interview_id = saved.interview_id
    RETURNING heads.interview_id, heads.number - cardinality($9) AS before, heads.links
)
