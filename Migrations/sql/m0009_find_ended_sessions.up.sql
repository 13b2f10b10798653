-- millwright: no-transaction
-- Ended sessions of a user: who ends all of them sees to the copies of those, too, whose end somebody else has begun.
-- Sessions go on being written meanwhile; what a run that was cut short has left is made anew.
DROP INDEX CONCURRENTLY IF EXISTS millwright.sessions_ended_user_id_idx;
CREATE INDEX CONCURRENTLY sessions_ended_user_id_idx ON millwright.sessions (user_id)
WHERE user_id IS NOT NULL AND deleted_at IS NOT NULL;
