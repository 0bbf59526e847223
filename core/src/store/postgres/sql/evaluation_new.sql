head AS (
    UPDATE {schema}.audit_heads AS heads
    SET number = heads.number + cardinality($9::bytea[]),
        links = {schema}.links(heads.links[cardinality(heads.links)], heads.number, $9)
    FROM {schema}.interviews
    WHERE heads.interview_id = $11 AND NOT heads.erased AND interviews.id = $11 AND interviews.tenant = $12
      AND NOT EXISTS (SELECT FROM {schema}.evaluations WHERE evaluations.session_id = $13 AND evaluations.status <> 'failed')
    RETURNING heads.interview_id, heads.number - cardinality($9) AS before, heads.links
), saved AS (
    INSERT INTO {schema}.evaluations (id, interview_id, tenant, session_id, status, created_at, document)
    SELECT $10, head.interview_id, $12, $13, $14, $15, $16 FROM head
)
