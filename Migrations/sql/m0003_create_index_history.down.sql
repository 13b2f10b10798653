DROP TABLE millwright.index_history;
