-- Who is told of a tenant's events. The actions stand between spaces, a space before the first and one after the last.
CREATE TABLE subscriptions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    actions TEXT NOT NULL,
    UNIQUE (tenant, name)
) STRICT;

-- Events that a subscriber was not told of yet, written with the event. The event is its key.
CREATE TABLE deliveries (
    event INTEGER NOT NULL,
    subscription INTEGER NOT NULL REFERENCES subscriptions (seq),
    -- When it can be taken: where it is leased, when the lease is over.
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- The token of whoever holds it.
    lease BLOB,
    PRIMARY KEY (event, subscription)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_due ON deliveries (subscription, due_at, event);
CREATE INDEX deliveries_leased ON deliveries (lease) WHERE lease IS NOT NULL;

-- What is said is nobody's to be told of. A trigger, so that whatever writes an event, of whichever version, has it delivered.
CREATE TRIGGER events_delivered AFTER INSERT ON events WHEN new.action NOT IN ('message_sent', 'message_received') BEGIN
    INSERT INTO deliveries (event, subscription, due_at)
    SELECT new.key, subscriptions.seq, new.time
    FROM subscriptions
    WHERE instr(subscriptions.actions, ' ' || new.action || ' ') > 0
        AND subscriptions.tenant = (SELECT interviews.tenant FROM interviews WHERE interviews.seq = new.key >> 20);
END;
