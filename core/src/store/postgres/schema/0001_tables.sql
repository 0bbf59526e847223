-- Everything of the first version. {schema} is the store's own schema.

-- Numbers sessions and evaluations, so that place << 20 | number names each of their exchanges in interview_logs.
CREATE SEQUENCE {schema}.places;

CREATE TABLE {schema}.interviews (
    id uuid CONSTRAINT interviews_pkey PRIMARY KEY,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    interview_type text NOT NULL,
    interview_language text NOT NULL,
    max_answers integer NOT NULL,
    candidate_name text NOT NULL,
    -- The name with its case folded by the library, so that all stores search and sort alike.
    candidate_name_folded text COLLATE "C" NOT NULL,
    external_id text COLLATE "C",
    job_description text,
    resume text,
    -- JSON, exactly as it was written: jsonb would not keep numbers and order, and both are hashed.
    questions text NOT NULL,
    rubric text,
    erased_at timestamptz
);
CREATE INDEX interviews_by_date ON {schema}.interviews (tenant, id) WHERE erased_at IS NULL;
CREATE INDEX interviews_by_name ON {schema}.interviews (tenant, candidate_name_folded, id) WHERE erased_at IS NULL;
CREATE INDEX interviews_by_status ON {schema}.interviews (tenant, status, id) WHERE erased_at IS NULL;
CREATE INDEX interviews_by_candidate ON {schema}.interviews (tenant, external_id, id)
    WHERE erased_at IS NULL AND external_id IS NOT NULL;

-- Where each interview's log ends. Apart from the wide row, because every step writes it: its lock is what the sessions of one interview take turns by.
CREATE TABLE {schema}.audit_heads (
    interview_id uuid PRIMARY KEY REFERENCES {schema}.interviews,
    number bigint NOT NULL,
    -- The links of the entries that the last write added; the last of them is the head.
    links bytea[] NOT NULL,
    erased boolean NOT NULL DEFAULT false
) WITH (fillfactor = 50);

CREATE TABLE {schema}.sessions (
    seq bigint PRIMARY KEY DEFAULT nextval('{schema}.places'),
    id uuid NOT NULL CONSTRAINT sessions_id_key UNIQUE,
    interview_id uuid NOT NULL REFERENCES {schema}.interviews,
    tenant text COLLATE "C" NOT NULL,
    session_language text NOT NULL,
    status text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    started_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    ended_at timestamptz,
    -- Until then a reader in some process waits to be notified.
    listened_until timestamptz
) WITH (fillfactor = 50);
CREATE INDEX sessions_by_interview ON {schema}.sessions (interview_id);
-- Not over updated_at, so that a step need not touch any index.
CREATE INDEX sessions_active ON {schema}.sessions (tenant, id) WHERE status = 'active';

CREATE TABLE {schema}.messages (
    session_seq bigint REFERENCES {schema}.sessions,
    number integer,
    id uuid NOT NULL,
    kind text NOT NULL,
    question integer,
    content text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (session_seq, number)
);

CREATE TABLE {schema}.evaluations (
    seq bigint NOT NULL UNIQUE DEFAULT nextval('{schema}.places'),
    id uuid CONSTRAINT evaluations_pkey PRIMARY KEY,
    interview_id uuid NOT NULL REFERENCES {schema}.interviews,
    -- Without a reference, which would lock the session after the log's head.
    session_id uuid,
    tenant text COLLATE "C" NOT NULL,
    status text NOT NULL,
    created_at timestamptz NOT NULL,
    -- The canonical JSON, exactly as it was hashed.
    document text NOT NULL
);
CREATE INDEX evaluations_by_interview ON {schema}.evaluations (interview_id, id);
CREATE INDEX evaluations_by_session ON {schema}.evaluations (session_id, id);
CREATE UNIQUE INDEX evaluations_one_of_session ON {schema}.evaluations (session_id) WHERE status <> 'failed';

CREATE TABLE {schema}.events (
    -- The head's row is locked by whoever adds an entry, so that this reference costs no lock of its own.
    interview_id uuid REFERENCES {schema}.audit_heads,
    number bigint,
    -- Stays when the session is erased.
    session_id uuid,
    time timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    message_number integer,
    evaluation_id uuid,
    salt bytea,
    digest bytea NOT NULL,
    link bytea NOT NULL,
    PRIMARY KEY (interview_id, number)
);
CREATE INDEX events_by_session ON {schema}.events (session_id, number) WHERE session_id IS NOT NULL;

CREATE TABLE {schema}.idempotency_keys (
    scope bytea CONSTRAINT idempotency_keys_pkey PRIMARY KEY,
    request bytea,
    interview_id uuid NOT NULL REFERENCES {schema}.audit_heads,
    result text NOT NULL,
    result_id uuid NOT NULL,
    message_number integer
);
CREATE INDEX idempotency_keys_by_interview ON {schema}.idempotency_keys (interview_id);

-- The links of entries number + 1, … with these digests after the link previous: see core/src/audit.rs.
CREATE FUNCTION {schema}.links(previous bytea, number bigint, digests bytea[]) RETURNS bytea[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    link bytea := previous;
    links bytea[] := '{}';
    digest bytea;
BEGIN
    FOREACH digest IN ARRAY digests LOOP
        number := number + 1;
        link := sha256(link || int8send(number) || digest);
        links := array_append(links, link);
    END LOOP;
    -- Without entries the head stays.
    RETURN CASE WHEN cardinality(links) = 0 THEN ARRAY[link] ELSE links END;
END
$$;

-- Each answer with the question it was given to: those of sessions, and those that were submitted without one.
CREATE VIEW {schema}.interview_logs AS
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
WHERE evaluations.session_id IS NULL;
