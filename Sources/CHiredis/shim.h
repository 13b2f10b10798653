#pragma once
#include <hiredis/hiredis.h>

// Whether this hiredis reads RESP3 (1.0 and newer).
#if HIREDIS_MAJOR >= 1
#define MW_HIREDIS_READS_RESP3 1
#else
#define MW_HIREDIS_READS_RESP3 0
#endif

// The kinds of answers that 0.14 has no names for.
#ifndef REDIS_REPLY_MAP
#define REDIS_REPLY_DOUBLE 7
#define REDIS_REPLY_BOOL 8
#define REDIS_REPLY_MAP 9
#define REDIS_REPLY_SET 10
#define REDIS_REPLY_ATTR 11
#define REDIS_REPLY_PUSH 12
#define REDIS_REPLY_BIGNUM 13
#define REDIS_REPLY_VERB 14
#endif

// Sets the functions that 0.14 has no places for.
static inline void mw_hiredis_set_resp3(
    redisReplyObjectFunctions *functions,
    void *(*create_double)(const redisReadTask *, double, char *, size_t),
    void *(*create_bool)(const redisReadTask *, int)
) {
#if HIREDIS_MAJOR >= 1
    functions->createDouble = create_double;
    functions->createBool = create_bool;
#else
    (void)functions, (void)create_double, (void)create_bool;
#endif
}
