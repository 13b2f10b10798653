-- Everything of Millwright's lives in one schema of its own, so that a host's tables are never in its way.
CREATE SCHEMA IF NOT EXISTS millwright;

-- Which migrations are in the database; the runner compares the checksums with the files before it does anything.
CREATE TABLE IF NOT EXISTS millwright.migrations (
    app text NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    seconds double precision NOT NULL,
    PRIMARY KEY (app, number)
);

COMMENT ON SCHEMA millwright IS 'Millwright keeps its samples, findings, journal and schedules here.';
