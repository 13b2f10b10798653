-- An index that was dropped and made again under its name is another one, and younger.
ALTER TABLE millwright.index_history ADD COLUMN index_oid oid;
