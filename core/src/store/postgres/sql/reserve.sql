-- Who finds a row waits for whoever changes it, and compares what is there then.
WITH reserved AS (
    INSERT INTO {schema}.spending AS spent (scope, period, tokens, nanos) VALUES ($1, $2, $3, $4)
    ON CONFLICT (scope, period) DO UPDATE SET tokens = spent.tokens + excluded.tokens, nanos = spent.nanos + excluded.nanos
    WHERE spent.tokens <= $5 AND spent.nanos <= $6
    RETURNING scope, period
), forgotten AS (
    DELETE FROM {schema}.spending USING reserved
    WHERE spending.scope = reserved.scope AND spending.period < (
        SELECT max(before.period) FROM {schema}.spending AS before
        WHERE before.scope = reserved.scope AND before.period < reserved.period)
)
SELECT 1 FROM reserved
