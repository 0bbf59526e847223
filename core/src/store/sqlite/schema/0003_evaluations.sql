-- Lists of evaluations, whatever their interview: in the order of their ids, which is that of their creation.
ALTER TABLE evaluations ADD COLUMN tenant TEXT;
UPDATE evaluations SET tenant = (SELECT interviews.tenant FROM interviews WHERE interviews.seq = evaluations.interview);
-- Of those that an older library adds, which had the file open before.
CREATE TRIGGER evaluations_tenant AFTER INSERT ON evaluations WHEN new.tenant IS NULL BEGIN
    UPDATE evaluations SET tenant = (SELECT interviews.tenant FROM interviews WHERE interviews.seq = new.interview)
    WHERE seq = new.seq;
END;
CREATE INDEX evaluations_by_id ON evaluations (tenant, id);
CREATE INDEX evaluations_by_status ON evaluations (tenant, status, id);
