DROP TABLE millwright.samples;
