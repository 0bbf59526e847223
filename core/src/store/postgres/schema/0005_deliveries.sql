-- Who is told of a tenant's events.
CREATE TABLE {schema}.subscriptions (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    actions text[] NOT NULL,
    UNIQUE (tenant, name)
);

-- Events that a subscriber was not told of yet, written with the event.
CREATE TABLE {schema}.deliveries (
    interview_id uuid,
    number bigint,
    -- Without a reference, which every event would lock.
    subscription bigint,
    -- When it can be taken: where it is leased, when the lease is over.
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    -- The token of whoever holds it.
    lease bytea,
    PRIMARY KEY (interview_id, number, subscription)
);
CREATE INDEX deliveries_due ON {schema}.deliveries (subscription, due_at, interview_id, number);
CREATE INDEX deliveries_leased ON {schema}.deliveries (lease) WHERE lease IS NOT NULL;

-- A trigger, so that whatever writes an event, of whichever version, has it delivered. What is said is nobody's to be told of, and pays for the look at its action alone.
CREATE FUNCTION {schema}.deliver_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO {schema}.deliveries (interview_id, number, subscription, due_at)
    SELECT new.interview_id, new.number, subscriptions.seq, new.time
    FROM {schema}.subscriptions
    JOIN {schema}.interviews ON interviews.tenant = subscriptions.tenant
    WHERE interviews.id = new.interview_id AND new.action = ANY (subscriptions.actions);
    RETURN NULL;
END
$$;
CREATE TRIGGER events_delivered AFTER INSERT ON {schema}.events
FOR EACH ROW WHEN (new.action NOT IN ('message_sent', 'message_received'))
EXECUTE FUNCTION {schema}.deliver_event();
