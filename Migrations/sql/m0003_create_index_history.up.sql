-- PostgreSQL does not know when an index was made. An index that was seen a month ago and has no scan since is unused;
-- one that was never seen before may be an hour old, and nothing can be said about it.
CREATE TABLE millwright.index_history (
    index_name text PRIMARY KEY,
    first_seen timestamptz NOT NULL DEFAULT now()
);
