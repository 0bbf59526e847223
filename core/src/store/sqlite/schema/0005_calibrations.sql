-- Which calibration corrects the scores of an interview's answers: a name, or name@version.
ALTER TABLE interviews ADD COLUMN calibration TEXT;

-- What a tenant's graders taught the built-in evaluator, each version of each name. No words of anybody are in it.
CREATE TABLE calibrations (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, name, version)
) STRICT, WITHOUT ROWID;
