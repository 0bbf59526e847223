-- Versions of evaluations, the queue of those that are to be judged, replies that are kept, spending, and where the interviewer's words come from.

ALTER TABLE {schema}.messages ADD COLUMN origin text;

-- A step in which something is said whose origin is told: apart from all others, so that they pay nothing for it. Its parameters are those of step_session and the
-- messages' origins ($32).
CREATE FUNCTION {schema}.step_session_said(
    uuid[], timestamptz[], text[], text[], text[], integer[], uuid[], bytea[], bytea[],
    uuid, text, bigint, bigint, text, timestamptz, timestamptz,
    integer[], uuid[], text[], integer[], text[], timestamptz[],
    uuid, text, timestamptz, text,
    bytea, bytea, text, uuid, integer, text[]
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF NOT {schema}.step_session($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
        $23, $24, $25, $26, $27, $28, $29, $30, $31)
    THEN
        RETURN false;
    END IF;
    UPDATE {schema}.messages SET origin = said.origin
    FROM {schema}.sessions, unnest($17, $32) AS said (number, origin)
    WHERE sessions.id = $10 AND messages.session_seq = sessions.seq AND messages.number = said.number AND said.origin IS NOT NULL;
    RETURN true;
END
$$;

ALTER TABLE {schema}.evaluations
    ADD COLUMN supersedes uuid,
    -- An evaluation that is not final is a job of the queue by its status alone. When it can be taken: where it is leased, when the lease is over.
    ADD COLUMN due_at timestamptz NOT NULL DEFAULT 'epoch',
    ADD COLUMN attempts integer NOT NULL DEFAULT 0,
    -- The token of whoever holds it.
    ADD COLUMN lease bytea;
UPDATE {schema}.evaluations SET due_at = created_at WHERE status IN ('pending', 'running');
CREATE INDEX evaluations_due ON {schema}.evaluations (due_at, seq) WHERE status IN ('pending', 'running');

-- A session has one first evaluation that has not failed, and each evaluation one successor that has not.
DROP INDEX {schema}.evaluations_one_of_session;
CREATE UNIQUE INDEX evaluations_one_of_session ON {schema}.evaluations (session_id) WHERE supersedes IS NULL AND status <> 'failed';
CREATE UNIQUE INDEX evaluations_one_successor ON {schema}.evaluations (supersedes) WHERE status <> 'failed';

-- As before, but the answers of an evaluation that supersedes another are those of the first one, and stand there once.
CREATE OR REPLACE VIEW {schema}.interview_logs AS
SELECT
    answer.session_seq << 20 | answer.number AS id,
    sessions.interview_id,
    CASE
        WHEN asked.kind = 'question' AND asked.question IS NOT NULL
        THEN coalesce(interviews.questions::json -> asked.question ->> 'text', asked.content)
        ELSE asked.content
    END AS question,
    answer.content AS answer,
    answer.created_at
FROM {schema}.messages AS answer
JOIN {schema}.sessions ON sessions.seq = answer.session_seq
JOIN {schema}.interviews ON interviews.id = sessions.interview_id
LEFT JOIN LATERAL (
    SELECT messages.kind, messages.question, messages.content
    FROM {schema}.messages
    WHERE messages.session_seq = answer.session_seq AND messages.number < answer.number AND messages.kind <> 'answer'
    ORDER BY messages.number DESC
    LIMIT 1
) AS asked ON true
WHERE answer.kind = 'answer'
UNION ALL
SELECT
    evaluations.seq << 20 | exchange.number,
    evaluations.interview_id,
    exchange.value ->> 'question_text',
    exchange.value ->> 'answer',
    evaluations.created_at
FROM {schema}.evaluations
CROSS JOIN LATERAL json_array_elements(evaluations.document::json -> 'exchanges') WITH ORDINALITY AS exchange (value, number)
WHERE evaluations.session_id IS NULL AND evaluations.supersedes IS NULL;

-- A step by which an evaluation is asked for: apart from all others, so that they pay nothing for it. Its parameters are the first 22 of step_session, the key ($23 to
-- $27), and the evaluation ($28 to $34): id, interview, status, time, document, when it can be taken, and the token of its lease.
CREATE FUNCTION {schema}.step_session_asking(
    uuid[], timestamptz[], text[], text[], text[], integer[], uuid[], bytea[], bytea[],
    uuid, text, bigint, bigint, text, timestamptz, timestamptz,
    integer[], uuid[], text[], integer[], text[], timestamptz[],
    bytea, bytea, text, uuid, integer,
    uuid, uuid, text, timestamptz, text, timestamptz, bytea
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF NOT {schema}.step_session($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
        NULL, NULL, NULL, NULL, $23, $24, $25, $26, $27)
    THEN
        RETURN false;
    END IF;
    INSERT INTO {schema}.evaluations (id, interview_id, tenant, session_id, status, created_at, document, due_at, attempts, lease)
    VALUES ($28, $29, $11, $10, $30, $31, $32, $33, ($34 IS NOT NULL)::integer, $34);
    RETURN true;
END
$$;

CREATE TABLE {schema}.kept_replies (
    key bytea PRIMARY KEY,
    interview_id uuid NOT NULL REFERENCES {schema}.audit_heads,
    time timestamptz NOT NULL,
    bytes bigint NOT NULL,
    reply text NOT NULL
);
CREATE INDEX kept_replies_by_interview ON {schema}.kept_replies (interview_id);
CREATE INDEX kept_replies_by_age ON {schema}.kept_replies (time, key);

-- The sum of all replies' bytes, in one row, so that it need never be counted. Its lock is the last of all: who holds it waits for nobody.
CREATE TABLE {schema}.kept_replies_total (bytes bigint NOT NULL) WITH (fillfactor = 50);
INSERT INTO {schema}.kept_replies_total (bytes) VALUES (0);

-- Keeps a reply and trims the others. The head's lock lets those that add entries pass, and keeps an erasure waiting, which then finds the reply.
CREATE FUNCTION {schema}.keep_reply(
    of_interview uuid, of_tenant text, new_key bytea, at timestamptz, words text, not_before timestamptz, most bigint
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    size bigint := octet_length(words);
    change bigint := 0;
    total bigint;
    oldest record;
BEGIN
    PERFORM FROM {schema}.audit_heads AS heads
    JOIN {schema}.interviews ON interviews.id = heads.interview_id
    WHERE heads.interview_id = of_interview AND NOT heads.erased AND interviews.tenant = of_tenant
    FOR KEY SHARE OF heads;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM {schema}.kept_replies WHERE key = new_key RETURNING -bytes INTO change;
    change := coalesce(change, 0);
    IF size <= most THEN
        -- Of two that come at once, one is kept.
        INSERT INTO {schema}.kept_replies (key, interview_id, time, bytes, reply)
        VALUES (new_key, of_interview, at, size, words)
        ON CONFLICT DO NOTHING;
        IF FOUND THEN
            change := change + size;
        END IF;
    END IF;
    UPDATE {schema}.kept_replies_total AS totals SET bytes = totals.bytes + change RETURNING totals.bytes INTO total;
    IF total > most OR EXISTS (SELECT FROM {schema}.kept_replies WHERE time < not_before) THEN
        change := 0;
        -- What is locked is being erased.
        FOR oldest IN
            SELECT replies.key, replies.time, replies.bytes FROM {schema}.kept_replies AS replies
            ORDER BY replies.time, replies.key FOR UPDATE SKIP LOCKED
        LOOP
            EXIT WHEN oldest.time >= not_before AND total + change <= most;
            DELETE FROM {schema}.kept_replies WHERE key = oldest.key;
            change := change - oldest.bytes;
        END LOOP;
        UPDATE {schema}.kept_replies_total AS totals SET bytes = totals.bytes + change;
    END IF;
    RETURN true;
END
$$;

-- Of each scope, the present period and the one before it.
CREATE TABLE {schema}.spending (
    scope text COLLATE "C",
    period timestamptz,
    tokens bigint NOT NULL,
    nanos bigint NOT NULL,
    PRIMARY KEY (scope, period)
) WITH (fillfactor = 50);
