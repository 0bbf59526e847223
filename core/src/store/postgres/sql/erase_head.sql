UPDATE {schema}.audit_heads AS heads
SET number = heads.number + 1, links = {schema}.links(heads.links[cardinality(heads.links)], heads.number, $3), erased = true
FROM {schema}.interviews
WHERE heads.interview_id = $1 AND NOT heads.erased AND interviews.id = $1 AND interviews.tenant = $2
RETURNING heads.number, heads.links[1]
