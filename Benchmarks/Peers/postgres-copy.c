/* SPDX-License-Identifier: Apache-2.0
 * Part of Millwright, a management-command plugin for PostgreSQL and Redis.
 *
 * postgres-copy CONNINFO out SQL: reads a COPY TO STDOUT; postgres-copy CONNINFO in SQL ROWS: feeds a COPY FROM STDIN
 * with that many rows in chunks of about 64 kB. Prints rows per second. */
#include <postgresql/libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static long read_all(PGconn *connection) {
    long rows = 0, bytes = 0;
    char *row;
    for (int length; (length = PQgetCopyData(connection, &row, 0)) > 0; PQfreemem(row)) rows++, bytes += length;
    return bytes > 0 ? rows : -1;
}

/* The rows, made before the clock starts. */
static char *made(long rows, long *length) {
    char *text = malloc(rows * 64);
    for (long row = 1; row <= rows; row++)
        *length += sprintf(text + *length, "%ld\tproduct number %ld\t%ld.25\n", row, row, row % 1000);
    return text;
}

static long write_all(PGconn *connection, const char *text, long length, long rows) {
    for (long at = 0; at < length; at += 65536)
        if (PQputCopyData(connection, text + at, at + 65536 < length ? 65536 : (int)(length - at)) != 1) return -1;
    return PQputCopyEnd(connection, NULL) == 1 ? rows : -1;
}

int main(int argc, char **argv) {
    if (argc < 4) return 2;
    PGconn *connection = PQconnectdb(argv[1]);
    int in = strcmp(argv[2], "in") == 0;
    long length = 0, count = in ? atol(argv[4]) : 0;
    char *text = in ? made(count, &length) : NULL;
    double start = now();
    PGresult *begun = PQexecParams(connection, argv[3], 0, NULL, NULL, NULL, NULL, 0);
    if (PQresultStatus(begun) != (in ? PGRES_COPY_IN : PGRES_COPY_OUT)) return fprintf(stderr, "%s", PQerrorMessage(connection)), 1;
    PQclear(begun);
    long rows = in ? write_all(connection, text, length, count) : read_all(connection);
    PGresult *ended = PQgetResult(connection);
    if (rows < 0 || PQresultStatus(ended) != PGRES_COMMAND_OK) return fprintf(stderr, "%s", PQerrorMessage(connection)), 1;
    PQclear(ended);
    while ((ended = PQgetResult(connection))) PQclear(ended);
    printf("%.0f\n", rows / (now() - start));
    PQfinish(connection);
    return 0;
}
