-- One step of a session, in one round trip and one transaction. A function, so that the server keeps its plans for as long as a connection of its own lasts,
-- also behind a proxy and for unnamed statements: planning it each time took longer than running it. Its parameters are those of the arrays of new entries
-- ($1 to $9), the session ($10 to $16), the new messages ($17 to $22), an evaluation that is asked for ($23 to $26) and a key ($27 to $31), or nulls.
-- A later version that needs another step adds a function of another name, so that older libraries find theirs.
CREATE FUNCTION {schema}.step_session(
    uuid[], timestamptz[], text[], text[], text[], integer[], uuid[], bytea[], bytea[],
    uuid, text, bigint, bigint, text, timestamptz, timestamptz,
    integer[], uuid[], text[], integer[], text[], timestamptz[],
    uuid, text, timestamptz, text,
    bytea, bytea, text, uuid, integer
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    interview uuid;
    listened boolean;
BEGIN
    -- The session's row is locked first and its version looked at under the lock; then the head's, under which the entries are linked: what SET says is
    -- computed from the row as it is when the lock is there.
    WITH session AS (
        UPDATE {schema}.sessions
        SET version = $13, status = $14, updated_at = $15, ended_at = $16
        WHERE sessions.id = $10 AND sessions.tenant = $11 AND sessions.version = $12
        RETURNING sessions.seq, sessions.interview_id, sessions.listened_until
    ), head AS (
        UPDATE {schema}.audit_heads AS heads
        SET number = heads.number + cardinality($9),
            links = {schema}.links(heads.links[cardinality(heads.links)], heads.number, $9)
        FROM session
        WHERE heads.interview_id = session.interview_id
        RETURNING heads.interview_id, heads.number - cardinality($9) AS before, heads.links
    ), said AS (
        INSERT INTO {schema}.messages (session_seq, number, id, kind, question, content, created_at)
        SELECT session.seq, said.* FROM session, unnest($17, $18, $19, $20, $21, $22) AS said
    ), logged AS (
        INSERT INTO {schema}.events (
            interview_id, number, session_id, time, actor, action, subject, message_number, evaluation_id, salt, digest, link)
        SELECT head.interview_id, head.before + entry.place, entry.session_id, entry.time, entry.actor, entry.action,
               entry.subject, entry.message_number, entry.evaluation_id, entry.salt, entry.digest, head.links[entry.place]
        FROM head, unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) WITH ORDINALITY
            AS entry (session_id, time, actor, action, subject, message_number, evaluation_id, salt, digest, place)
    )
    SELECT session.interview_id, session.listened_until > now() INTO interview, listened FROM session;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF $23 IS NOT NULL THEN
        INSERT INTO {schema}.evaluations (id, interview_id, tenant, session_id, status, created_at, document)
        VALUES ($23, interview, $11, $10, $24, $25, $26);
    END IF;
    IF $14 = 'completed' THEN
        UPDATE {schema}.interviews SET status = 'completed', updated_at = $15
        WHERE interviews.id = interview AND interviews.status <> 'completed';
    END IF;
    IF $27 IS NOT NULL THEN
        INSERT INTO {schema}.idempotency_keys (scope, request, interview_id, result, result_id, message_number)
        VALUES ($27, $28, interview, $29, $30, $31);
    END IF;
    -- A notification in every transaction would make all commits wait for each other.
    IF listened THEN
        PERFORM pg_notify('{channel}', $10::text);
    END IF;
    RETURN true;
END
$$;
