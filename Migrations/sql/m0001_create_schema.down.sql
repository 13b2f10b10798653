-- No CASCADE: whatever somebody else has put into the schema must stop this.
DROP TABLE millwright.migrations;
DROP SCHEMA millwright;
