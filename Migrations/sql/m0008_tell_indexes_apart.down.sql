ALTER TABLE millwright.index_history DROP COLUMN index_oid;
