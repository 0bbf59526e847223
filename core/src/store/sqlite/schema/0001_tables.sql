-- Ids of interviews and their times are text, for everybody's own SQL; other ids are 16 bytes and other times microseconds since 1970.
CREATE TABLE interviews (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    candidate_name TEXT NOT NULL,
    candidate_name_folded TEXT NOT NULL,
    interview_type TEXT NOT NULL,
    interview_language TEXT NOT NULL,
    status TEXT NOT NULL,
    max_answers INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    erased_at TEXT,
    external_id TEXT,
    questions TEXT NOT NULL,
    job_description TEXT,
    resume TEXT,
    rubric TEXT
) STRICT;
CREATE INDEX interviews_by_id ON interviews (tenant, id) WHERE erased_at IS NULL;
CREATE INDEX interviews_by_name ON interviews (tenant, candidate_name_folded, id) WHERE erased_at IS NULL;
CREATE INDEX interviews_by_status ON interviews (tenant, status, id) WHERE erased_at IS NULL;
CREATE INDEX interviews_by_external_id ON interviews (tenant, external_id, id) WHERE external_id IS NOT NULL;

-- Narrow, because every write changes one.
CREATE TABLE audit_heads (
    interview INTEGER PRIMARY KEY REFERENCES interviews (seq),
    number INTEGER NOT NULL,
    link BLOB NOT NULL
) STRICT;

-- The numbers of sessions and evaluations are never used again: they are in the ids of interview_logs.
CREATE TABLE sessions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    interview INTEGER NOT NULL REFERENCES interviews (seq),
    tenant TEXT NOT NULL,
    session_language TEXT NOT NULL,
    status TEXT NOT NULL,
    -- Of an ended session. That of an active one is the number of its messages, and its last change is the last of them, so that saying something
    -- leaves this row as it is.
    version INTEGER,
    started_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER,
    ended_at INTEGER
) STRICT;
CREATE INDEX sessions_by_interview ON sessions (interview, id);
CREATE INDEX sessions_active ON sessions (tenant, id) WHERE status = 'active';

-- In the order in which they were written, whatever the session: what concurrent callers say then lies on few pages, and one commit holds it. A message
-- is its own entry of the log. The key is the session's seq, shifted by 20, and the message's number; the entry the interview's seq, shifted by 20, and
-- the entry's number.
CREATE TABLE messages (
    seq INTEGER PRIMARY KEY,
    key INTEGER NOT NULL UNIQUE,
    entry INTEGER NOT NULL UNIQUE,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    question INTEGER,
    created_at INTEGER NOT NULL,
    content TEXT NOT NULL,
    salt BLOB NOT NULL,
    digest BLOB NOT NULL,
    link BLOB NOT NULL
) STRICT;

-- All other entries of the log, and those of messages that were erased.
-- The key is the interview's seq, shifted by 20, and the entry's number.
CREATE TABLE events (
    key INTEGER PRIMARY KEY,
    session_id BLOB,
    time INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    message_number INTEGER,
    evaluation_id BLOB,
    salt BLOB,
    digest BLOB NOT NULL,
    link BLOB NOT NULL
) STRICT;

CREATE TABLE evaluations (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    interview INTEGER NOT NULL REFERENCES interviews (seq),
    session_id BLOB,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX evaluations_by_interview ON evaluations (interview, id);
CREATE INDEX evaluations_by_session ON evaluations (session_id, id) WHERE session_id IS NOT NULL;
CREATE UNIQUE INDEX evaluations_one_of_session ON evaluations (session_id) WHERE session_id IS NOT NULL AND status <> 'failed';

CREATE TABLE idempotency_keys (
    scope BLOB PRIMARY KEY,
    request BLOB,
    interview INTEGER NOT NULL,
    result TEXT NOT NULL,
    result_id BLOB NOT NULL,
    message_number INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_interview ON idempotency_keys (interview);

-- Every answer with its question: the planned one, or the probe. An id is the number of the session, or of the evaluation of answers that were given
-- without one, shifted by 21; the bit below tells the two apart, and the rest is the number of the message or the exchange.
CREATE VIEW interview_logs (id, interview_id, question, answer, created_at) AS
SELECT
    answer.key >> 20 << 21 | answer.key & 1048575,
    interviews.id,
    CASE
        WHEN asked.kind = 'question' AND asked.question IS NOT NULL
        THEN coalesce(json_extract(interviews.questions, '$[' || asked.question || '].text'), asked.content)
        ELSE asked.content
    END,
    answer.content,
    strftime('%Y-%m-%dT%H:%M:%S', answer.created_at / 1000000, 'unixepoch') || printf('.%06dZ', answer.created_at % 1000000)
FROM messages AS answer
JOIN sessions ON sessions.seq = answer.key >> 20
JOIN interviews ON interviews.seq = sessions.interview
LEFT JOIN messages AS asked ON asked.key = (
    SELECT max(earlier.key)
    FROM messages AS earlier
    WHERE earlier.key < answer.key AND earlier.key > answer.key & ~1048575 AND earlier.kind <> 'answer'
)
WHERE answer.kind = 'answer'
UNION ALL
SELECT
    evaluations.seq << 21 | 1048576 | exchange.key + 1,
    interviews.id,
    json_extract(exchange.value, '$.question_text'),
    json_extract(exchange.value, '$.answer'),
    strftime('%Y-%m-%dT%H:%M:%S', evaluations.created_at / 1000000, 'unixepoch')
        || printf('.%06dZ', evaluations.created_at % 1000000)
FROM evaluations
JOIN interviews ON interviews.seq = evaluations.interview
JOIN json_each(evaluations.document, '$.exchanges') AS exchange
WHERE evaluations.session_id IS NULL;
