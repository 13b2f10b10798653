-- What was found, when it was first and last seen, and who silenced it until when.
CREATE TABLE millwright.findings (
    fingerprint text PRIMARY KEY,
    finding_id text NOT NULL,
    subject text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('info', 'warning', 'error', 'critical')),
    message text NOT NULL,
    first_seen timestamptz NOT NULL DEFAULT now(),
    last_seen timestamptz NOT NULL DEFAULT now(),
    times_seen bigint NOT NULL DEFAULT 1,
    resolved_at timestamptz,
    silenced_until timestamptz,
    silenced_by text,
    silenced_reason text
);
