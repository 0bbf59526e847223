-- What Engine::send_message sends for an answer and its reply, with the same arrays: see core/src/store/postgres/write.rs.
-- The table figures_sessions is made by postgres.rs; each client has a session of its own interview.
\if :version = 0
    SELECT id AS session FROM public.figures_sessions WHERE place = :client_id \gset
    \set version 1
\endif
SELECT vivavoce.step_session(
    ARRAY[:session, :session]::uuid[], ARRAY['2026-01-01 00:00:00Z'::timestamptz, '2026-01-01 00:00:00Z'::timestamptz],
    ARRAY['candidate', 'interviewer']::text[], ARRAY['message_received', 'message_sent']::text[],
    ARRAY['message', 'message']::text[], ARRAY[:version + 1, :version + 2]::integer[], ARRAY[NULL, NULL]::uuid[],
    ARRAY['\x00112233445566778899aabbccddeeff'::bytea, '\x00112233445566778899aabbccddeeff'::bytea],
    ARRAY['\xabababababababababababababababababababababababababababababababab'::bytea,
          '\xabababababababababababababababababababababababababababababababab'::bytea],
    (:session)::uuid, 'default'::text, (:version)::bigint, (:version + 2)::bigint, 'active'::text, '2026-01-01 00:00:00Z'::timestamptz, NULL,
    ARRAY[:version + 1, :version + 2]::integer[], ARRAY[:session, :session]::uuid[], ARRAY['answer', 'probe']::text[],
    ARRAY[0, 0]::integer[],
    ARRAY['I would measure it first, then change. I would measure it first, then change. I would measure it first, then change. I would measure it first, then change. I would measure it first, then change. I would measure it first, then change. I would measure it first, then change. I would measure it first, t',
          'Thank you. Could you tell me more about what you would look at, with an example from your own work?']::text[],
    ARRAY['2026-01-01 00:00:00Z'::timestamptz, '2026-01-01 00:00:00Z'::timestamptz],
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
\set version :version + 2
