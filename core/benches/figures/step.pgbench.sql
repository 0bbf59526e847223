-- What Engine::send_message sends for an answer and its reply, with the same arrays: see core/src/store/postgres/write.rs.
-- What changes from call to call there is a parameter here.
-- The table figures_sessions is made by postgres.rs. As many answers are said in a session as the engine says before the next one is used, each of an
-- interview of its own.
\if :answers = 0
    SELECT id AS session FROM public.figures_sessions WHERE place = (:client_id)::int + (:clients)::int * (:block)::int \gset
    \set version 1
    \set block :block + 1
\endif
SELECT vivavoce.step_session(
    ARRAY[(:session)::uuid, (:session)::uuid], ARRAY[(:time)::timestamptz, (:time)::timestamptz],
    ARRAY['candidate', 'interviewer']::text[], ARRAY['message_received', 'message_sent']::text[],
    ARRAY['message', 'message']::text[], ARRAY[(:version)::integer + 1, (:version)::integer + 2], ARRAY[NULL, NULL]::uuid[],
    ARRAY[(:salt)::bytea, (:salt)::bytea], ARRAY[(:digest)::bytea, (:digest)::bytea],
    (:session)::uuid, (:tenant)::text, (:version)::bigint, (:version)::bigint + 2, 'active'::text, (:time)::timestamptz, NULL,
    ARRAY[(:version)::integer + 1, (:version)::integer + 2], ARRAY[(:session)::uuid, (:session)::uuid],
    ARRAY['answer', 'probe']::text[], ARRAY[0, 0]::integer[], ARRAY[(:answer)::text, (:reply)::text],
    ARRAY[(:time)::timestamptz, (:time)::timestamptz],
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
\set version :version + 2
\set answers (:answers + 1) % :most
