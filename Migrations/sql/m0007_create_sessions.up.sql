-- The sessions: the truth, of which Redis has a copy. The key is the SHA-256 of the id in the cookie, so that whoever reads this table
-- can be nobody else; a session that was ended keeps its row, without its payload, until it would have expired.
CREATE TABLE millwright.sessions (
    key text PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    user_id text,
    payload bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    -- The absolute end, which no use puts off.
    ends_at timestamptz,
    deleted_at timestamptz,
    deleted_why text CHECK (deleted_why IN ('logout', 'rotated', 'revoked'))
);

-- All sessions of a user: to list them, and to end them.
CREATE INDEX sessions_user_id_idx ON millwright.sessions (user_id) WHERE user_id IS NOT NULL AND deleted_at IS NULL;

-- What clearsessions deletes, oldest first.
CREATE INDEX sessions_expires_at_idx ON millwright.sessions (expires_at);

-- Whether the copy in Redis may be read: one row a cache alias, see Documentation/sessions.md.
CREATE TABLE millwright.session_trust (
    alias text PRIMARY KEY,
    generation bigint NOT NULL DEFAULT 0,
    phase text NOT NULL DEFAULT 'suspect' CHECK (phase IN ('rebuilding', 'trusted', 'suspect')),
    mode text NOT NULL DEFAULT 'auto' CHECK (mode IN ('auto', 'redis', 'database')),
    server_id text,
    lease_ms integer NOT NULL CHECK (lease_ms > 0),
    reason text NOT NULL DEFAULT 'new',
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The processes that serve sessions, and which Redis each of them reaches.
CREATE TABLE millwright.session_nodes (
    alias text NOT NULL,
    node text NOT NULL,
    server_id text,
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    -- The share of its reads that go to PostgreSQL until then: a drill.
    drill_share double precision,
    drill_until timestamptz,
    figures jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (alias, node)
);

-- What became of the trust, and why.
CREATE TABLE millwright.session_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alias text NOT NULL,
    happened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    generation bigint NOT NULL,
    phase text NOT NULL,
    mode text NOT NULL,
    node text,
    reason text NOT NULL
);

-- The one question asked: what happened lately?
CREATE INDEX session_events_alias_happened_at_idx ON millwright.session_events (alias, happened_at);
