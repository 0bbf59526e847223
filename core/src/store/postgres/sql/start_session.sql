-- The head is locked first: an erasure that is under way is waited for, and seen. KEY is the key's row, or nothing.
WITH head AS (
    UPDATE {schema}.audit_heads AS heads
    SET number = heads.number + cardinality($9::bytea[]),
        links = {schema}.links(heads.links[cardinality(heads.links)], heads.number, $9)
    FROM {schema}.interviews
    WHERE heads.interview_id = $11 AND NOT heads.erased AND interviews.id = $11 AND interviews.tenant = $12
      AND ($27 IS NULL OR heads.number = $27)
    RETURNING heads.interview_id, heads.number - cardinality($9) AS before, heads.links
), session AS (
    INSERT INTO {schema}.sessions (
        id, interview_id, tenant, session_language, status, version, started_at, created_at, updated_at, ended_at)
    SELECT $10, head.interview_id, $12, $13, $14, $15, $16, $17, $18, $19 FROM head
    RETURNING seq, interview_id
), said AS (
    INSERT INTO {schema}.messages (session_seq, number, id, kind, question, content, created_at, origin)
    SELECT session.seq, said.*
    FROM session, unnest($20::integer[], $21::uuid[], $22::text[], $23::integer[], $24::text[], $25::timestamptz[], $26::text[]) AS said
), logged AS (
    INSERT INTO {schema}.events (interview_id, number, session_id, time, actor, action, subject, message_number, evaluation_id, salt, digest, link)
    SELECT head.interview_id, head.before + entry.place, entry.session_id, entry.time, entry.actor, entry.action, entry.subject,
           entry.message_number, entry.evaluation_id, entry.salt, entry.digest, head.links[entry.place]
    FROM head, unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::uuid[], $8::bytea[], $9::bytea[])
        WITH ORDINALITY AS entry (session_id, time, actor, action, subject, message_number, evaluation_id, salt, digest, place)
), begun AS (
    UPDATE {schema}.interviews SET status = 'in_progress', updated_at = $18
    FROM head
    WHERE interviews.id = head.interview_id AND interviews.status = 'pending'
){key}
SELECT 1 FROM session
