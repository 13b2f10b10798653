-- Counters of the server start at zero after a crash or a reset: what a window shows must be kept by ourselves.
-- One row is one reading of one thing; `figures` holds its counters under the server's own names.
CREATE TABLE millwright.samples (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    taken_at timestamptz NOT NULL DEFAULT now(),
    node text NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    figures jsonb NOT NULL
);

-- The one question asked: how did this thing go on since then?
CREATE INDEX samples_kind_subject_taken_at_idx ON millwright.samples (kind, subject, taken_at);

-- Old samples go by age.
CREATE INDEX samples_taken_at_idx ON millwright.samples USING brin (taken_at);
