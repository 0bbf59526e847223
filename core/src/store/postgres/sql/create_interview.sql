-- The links are the caller's: a new log has no other writer. KEY is the key's row, or nothing.
WITH planned AS (
    INSERT INTO {schema}.interviews (
        id, tenant, created_at, updated_at, status, interview_type, interview_language, max_answers,
        candidate_name, candidate_name_folded, external_id, job_description, resume, questions, rubric,
        calibration)
    VALUES ($11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)
    RETURNING id AS interview_id
), head AS (
    INSERT INTO {schema}.audit_heads (interview_id, number, links)
    SELECT interview_id, cardinality($9::bytea[]), $10::bytea[] FROM planned
), logged AS (
    INSERT INTO {schema}.events (interview_id, number, session_id, time, actor, action, subject, message_number, evaluation_id, salt, digest, link)
    SELECT planned.interview_id, entry.place, entry.session_id, entry.time, entry.actor, entry.action, entry.subject,
           entry.message_number, entry.evaluation_id, entry.salt, entry.digest, ($10::bytea[])[entry.place]
    FROM planned, unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::uuid[], $8::bytea[], $9::bytea[])
        WITH ORDINALITY AS entry (session_id, time, actor, action, subject, message_number, evaluation_id, salt, digest, place)
){key}
SELECT 1 FROM planned
