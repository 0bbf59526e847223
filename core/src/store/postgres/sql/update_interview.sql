-- The head is locked first, and its number looked at under the lock: whoever adds an entry is waited for, and seen. KEY is the key's row, or nothing.
WITH head AS (
    UPDATE {schema}.audit_heads AS heads
    SET number = heads.number + cardinality($9::bytea[]),
        links = {schema}.links(heads.links[cardinality(heads.links)], heads.number, $9)
    FROM {schema}.interviews
    WHERE heads.interview_id = $11 AND NOT heads.erased AND interviews.id = $11 AND interviews.tenant = $12 AND heads.number = $10
    RETURNING heads.interview_id, heads.number - cardinality($9) AS before, heads.links
), planned AS (
    UPDATE {schema}.interviews
    SET updated_at = $14, status = $15, interview_type = $16, interview_language = $17, max_answers = $18, candidate_name = $19,
        candidate_name_folded = $20, external_id = $21, job_description = $22, resume = $23, questions = $24, rubric = $25,
        calibration = $26
    FROM head
    WHERE interviews.id = head.interview_id
), logged AS (
    INSERT INTO {schema}.events (interview_id, number, session_id, time, actor, action, subject, message_number, evaluation_id, salt, digest, link)
    SELECT head.interview_id, head.before + entry.place, entry.session_id, entry.time, entry.actor, entry.action, entry.subject,
           entry.message_number, entry.evaluation_id, entry.salt, entry.digest, head.links[entry.place]
    FROM head, unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::uuid[], $8::bytea[], $9::bytea[])
        WITH ORDINALITY AS entry (session_id, time, actor, action, subject, message_number, evaluation_id, salt, digest, place)
){key}
SELECT 1 FROM head
