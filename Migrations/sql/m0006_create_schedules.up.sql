-- What is to be done when: one row a task. Between `window_start` and `window_end` it may start.
CREATE TABLE millwright.schedules (
    name text PRIMARY KEY,
    command text NOT NULL,
    arguments text[] NOT NULL DEFAULT '{}',
    every interval NOT NULL CHECK (every > interval '0'),
    window_start time,
    window_end time,
    is_enabled boolean NOT NULL DEFAULT true,
    last_started_at timestamptz,
    last_finished_at timestamptz,
    last_outcome text,
    CHECK ((window_start IS NULL) = (window_end IS NULL))
);
