-- Everybody is logged out.
DROP TABLE millwright.session_events;
DROP TABLE millwright.session_nodes;
DROP TABLE millwright.session_trust;
DROP TABLE millwright.sessions;
