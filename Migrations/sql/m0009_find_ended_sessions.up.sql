-- Ended sessions of a user: who ends all of them sees to the copies of those, too, whose end somebody else has begun.
CREATE INDEX IF NOT EXISTS sessions_ended_user_id_idx ON millwright.sessions (user_id)
WHERE user_id IS NOT NULL AND deleted_at IS NOT NULL;
