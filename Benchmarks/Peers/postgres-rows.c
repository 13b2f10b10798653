/* SPDX-License-Identifier: Apache-2.0
 * Part of Millwright, a management-command plugin for PostgreSQL and Redis.
 *
 * Reads a statement's rows (int8, text, numeric, timestamptz, bool) in single-row mode, each into a struct of its own.
 * postgres-rows CONNINFO text|binary SQL: prints rows per second, the peak of its memory in kB, and a sum of what it read. */
#include <postgresql/libpq-fe.h>
#include <endian.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

struct row {
    int64_t id;
    char *name;
    char *amount; /* its digits as text, or as the server's words: nothing is lost */
    int64_t at;   /* microseconds since 1970 */
    int flag;
};

static char *copied(const PGresult *result, int column) {
    int length = PQgetlength(result, 0, column);
    char *copy = malloc(length + 1);
    memcpy(copy, PQgetvalue(result, 0, column), length + 1);
    return copy;
}

static int64_t digits(const char **text) {
    int64_t value = 0;
    while (**text >= '0' && **text <= '9') value = value * 10 + (*(*text)++ - '0');
    return value;
}

static int64_t number(const char *text) {
    int negative = *text == '-';
    text += negative;
    int64_t value = digits(&text);
    return negative ? -value : value;
}

/* 2026-01-02 03:04:05.678+01 */
static int64_t timestamp(const char *text) {
    int64_t year = digits(&text), month = (text++, digits(&text)), day = (text++, digits(&text));
    int64_t hour = (text++, digits(&text)), minute = (text++, digits(&text)), second = (text++, digits(&text)), micro = 0;
    if (*text == '.') {
        const char *start = ++text;
        micro = digits(&text);
        for (long n = text - start; n < 6; n++) micro *= 10;
    }
    int east = *text++ == '+';
    int64_t offset = digits(&text) * 3600;
    if (*text == ':') text++, offset += digits(&text) * 60;
    second += (hour * 60 + minute) * 60 - (east ? offset : -offset);
    int64_t shifted = month <= 2 ? year - 1 : year, era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    int64_t of_era = shifted - era * 400, of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    return (days * 86400 + second) * 1000000 + micro;
}

static int64_t big_endian(const char *bytes) {
    uint64_t raw;
    memcpy(&raw, bytes, 8);
    return (int64_t)be64toh(raw);
}

static struct row decoded(const PGresult *result, int binary) {
    struct row row;
    row.id = binary ? big_endian(PQgetvalue(result, 0, 0)) : number(PQgetvalue(result, 0, 0));
    row.name = copied(result, 1);
    row.amount = copied(result, 2);
    row.at = binary ? big_endian(PQgetvalue(result, 0, 3)) + 946684800000000 : timestamp(PQgetvalue(result, 0, 3));
    row.flag = binary ? *PQgetvalue(result, 0, 4) : *PQgetvalue(result, 0, 4) == 't';
    return row;
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    int binary = strcmp(argv[2], "binary") == 0;
    PGconn *connection = PQconnectdb(argv[1]);
    struct timespec start, end;
    struct rusage usage;
    clock_gettime(CLOCK_MONOTONIC, &start);
    if (!PQsendQueryParams(connection, argv[3], 0, NULL, NULL, NULL, NULL, binary) || !PQsetSingleRowMode(connection)) return 1;
    int64_t sum = 0;
    long count = 0;
    for (PGresult *result; (result = PQgetResult(connection)); PQclear(result)) {
        if (PQresultStatus(result) == PGRES_TUPLES_OK) continue;
        if (PQresultStatus(result) != PGRES_SINGLE_TUPLE) return fprintf(stderr, "%s", PQresultErrorMessage(result)), 1;
        struct row row = decoded(result, binary);
        sum += row.id + (int64_t)strlen(row.name) + (row.amount != NULL) + row.at / 1000000 + row.flag;
        free(row.name);
        free(row.amount);
        count++;
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    getrusage(RUSAGE_SELF, &usage);
    double wall = end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) / 1e9;
    printf("%.0f\n%ld\n%lld\n", count / wall, usage.ru_maxrss, (long long)sum);
    PQfinish(connection);
    return 0;
}
