DROP TABLE millwright.journal;
