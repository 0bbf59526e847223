-- The row of an evaluation that is to be finished is locked before the head's; a new one is written under the head's lock. SAVED and KEY: see the code.
WITH {saved}, logged AS (
    INSERT INTO {schema}.events (interview_id, number, session_id, time, actor, action, subject, message_number, evaluation_id, salt, digest, link)
    SELECT head.interview_id, head.before + entry.place, entry.session_id, entry.time, entry.actor, entry.action, entry.subject,
           entry.message_number, entry.evaluation_id, entry.salt, entry.digest, head.links[entry.place]
    FROM head, unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::uuid[], $8::bytea[], $9::bytea[])
        WITH ORDINALITY AS entry (session_id, time, actor, action, subject, message_number, evaluation_id, salt, digest, place)
){key}
SELECT CASE WHEN sessions.listened_until > now() THEN pg_notify('{channel}', sessions.id::text) IS NULL END
FROM head LEFT JOIN {schema}.sessions ON sessions.id = $13
