-- Which calibration corrects the scores of an interview's answers: a name, or name@version.
ALTER TABLE {schema}.interviews ADD COLUMN calibration text;

-- What a tenant's graders taught the built-in evaluator, each version of each name. No words of anybody are in it.
CREATE TABLE {schema}.calibrations (
    tenant text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    document text NOT NULL,
    PRIMARY KEY (tenant, name, version)
);
