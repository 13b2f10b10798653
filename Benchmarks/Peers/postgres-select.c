/* SPDX-License-Identifier: Apache-2.0
 * Part of Millwright, a management-command plugin for PostgreSQL and Redis.
 *
 * One libpq thread per connection, each asking `SELECT 1` as often as it can.
 * postgres-select CONNINFO THREADS SECONDS: prints statements per second, then microseconds of CPU
 * per statement. */
#include <postgresql/libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static const char *conninfo;
static atomic_int stop;
static atomic_long answered;
static pthread_barrier_t ready;

static double now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void *ask(void *unused) {
    PGconn *connection = PQconnectdb(conninfo);
    if (PQstatus(connection) != CONNECTION_OK) {
        fprintf(stderr, "%s", PQerrorMessage(connection));
        exit(1);
    }
    pthread_barrier_wait(&ready);
    long count = 0;
    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        PGresult *result = PQexecParams(connection, "SELECT 1", 0, NULL, NULL, NULL, NULL, 0);
        if (PQresultStatus(result) != PGRES_TUPLES_OK || strcmp(PQgetvalue(result, 0, 0), "1") != 0) exit(1);
        PQclear(result);
        count++;
    }
    atomic_fetch_add(&answered, count);
    PQfinish(connection);
    return unused;
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    conninfo = argv[1];
    int threads = atoi(argv[2]);
    pthread_t all[threads];
    pthread_barrier_init(&ready, NULL, threads + 1);
    for (int i = 0; i < threads; i++) pthread_create(&all[i], NULL, ask, NULL);
    pthread_barrier_wait(&ready);
    double start = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID), seconds = atof(argv[3]);
    struct timespec pause = {(time_t)seconds, (long)((seconds - (time_t)seconds) * 1e9)};
    nanosleep(&pause, NULL);
    atomic_store(&stop, 1);
    double wall = now(CLOCK_MONOTONIC) - start;
    cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    for (int i = 0; i < threads; i++) pthread_join(all[i], NULL);
    printf("%.0f\n%.2f\n", answered / wall, cpu / answered * 1e6);
    return 0;
}
