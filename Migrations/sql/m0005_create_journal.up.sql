-- Each step of a command that acts is written down before it is done and once more after it, so that the next run
-- knows what a killed one has left behind, and how to undo it.
CREATE TABLE millwright.journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run uuid NOT NULL,
    command text NOT NULL,
    step integer NOT NULL,
    subject text NOT NULL,
    statement text NOT NULL,
    undo text,
    state text NOT NULL DEFAULT 'started' CHECK (state IN ('started', 'done', 'failed', 'undone', 'abandoned')),
    detail text,
    role name NOT NULL DEFAULT current_user,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    UNIQUE (run, step)
);

-- The next run asks for what was started and never finished.
CREATE INDEX journal_unfinished_idx ON millwright.journal (command, started_at) WHERE state = 'started';
