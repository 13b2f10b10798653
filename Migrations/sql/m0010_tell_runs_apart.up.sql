-- When the PostgreSQL was started in which a generation of the copy began. One that was started since, promoted or restored, may lack
-- what the copy has.
ALTER TABLE millwright.session_trust ADD COLUMN database_started_at timestamptz;
