DROP INDEX IF EXISTS millwright.sessions_ended_user_id_idx;
