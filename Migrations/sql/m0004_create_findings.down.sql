DROP TABLE millwright.findings;
