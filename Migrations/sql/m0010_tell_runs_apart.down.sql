ALTER TABLE millwright.session_trust DROP COLUMN database_started_at;
