-- Versions of evaluations, the queue of those that are to be judged, replies that are kept, spending, and where the interviewer's words come from.

ALTER TABLE messages ADD COLUMN origin TEXT;

ALTER TABLE evaluations ADD COLUMN supersedes BLOB;
-- An evaluation that is not final is a job of the queue by its status alone. When it can be taken: where it is leased, when the lease is over.
ALTER TABLE evaluations ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE evaluations ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
-- The token of whoever holds it.
ALTER TABLE evaluations ADD COLUMN lease BLOB;
UPDATE evaluations SET due_at = created_at WHERE status IN ('pending', 'running');
CREATE INDEX evaluations_due ON evaluations (due_at) WHERE status IN ('pending', 'running');

-- A session has one first evaluation that has not failed, and each evaluation one successor that has not.
DROP INDEX evaluations_one_of_session;
CREATE UNIQUE INDEX evaluations_one_of_session ON evaluations (session_id)
    WHERE session_id IS NOT NULL AND supersedes IS NULL AND status <> 'failed';
CREATE UNIQUE INDEX evaluations_one_successor ON evaluations (supersedes) WHERE supersedes IS NOT NULL AND status <> 'failed';

-- As before, but the answers of an evaluation that supersedes another are those of the first one, and stand there once.
DROP VIEW interview_logs;
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
WHERE evaluations.session_id IS NULL AND evaluations.supersedes IS NULL;

CREATE TABLE kept_replies (
    key BLOB NOT NULL PRIMARY KEY,
    interview INTEGER NOT NULL REFERENCES interviews (seq),
    time INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    reply TEXT NOT NULL
) STRICT;
CREATE INDEX kept_replies_by_interview ON kept_replies (interview);
-- With all that trimming reads.
CREATE INDEX kept_replies_by_age ON kept_replies (time, key, bytes);

-- The sum of all replies' bytes, in one row: whatever adds or deletes replies changes it, so that it need never be counted.
CREATE TABLE kept_replies_total (bytes INTEGER NOT NULL) STRICT;
INSERT INTO kept_replies_total (bytes) VALUES (0);
CREATE TRIGGER kept_replies_added AFTER INSERT ON kept_replies BEGIN
    UPDATE kept_replies_total SET bytes = bytes + new.bytes;
END;
CREATE TRIGGER kept_replies_deleted AFTER DELETE ON kept_replies BEGIN
    UPDATE kept_replies_total SET bytes = bytes - old.bytes;
END;

-- Of each scope, the present period and the one before it.
CREATE TABLE spending (
    scope TEXT,
    period INTEGER,
    tokens INTEGER NOT NULL,
    nanos INTEGER NOT NULL,
    PRIMARY KEY (scope, period)
) STRICT, WITHOUT ROWID;
