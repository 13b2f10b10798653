DROP TABLE millwright.schedules;
