#pragma once
#include <hiredis/hiredis.h>
#include <hiredis/hiredis_ssl.h>
#include <sys/types.h>

// hiredis' TLS, on the contexts that CHiredis makes; only where hiredis is 1.0 or newer and was built with OpenSSL. Contexts are
// handed over as plain pointers, because two modules that include hiredis.h have each a type of their own for them.

// Returns nil and the reason where files cannot be read.
static inline void *mw_tls_create(
    const char *authorities,
    const char *folder,
    const char *certificate,
    const char *key,
    const char *server_name,
    int verifies,
    const char **reason
) {
    static int ready = -1;
    if (ready < 0) ready = redisInitOpenSSL();
    redisSSLOptions options = {
        authorities, folder, certificate, key, server_name, verifies ? REDIS_SSL_VERIFY_PEER : REDIS_SSL_VERIFY_NONE
    };
    redisSSLContextError error = REDIS_SSL_CTX_NONE;
    void *tls = redisCreateSSLContextWithOptions(&options, &error);
    if (!tls) *reason = redisSSLContextGetError(error);
    return tls;
}

static inline void mw_tls_free(void *tls) { redisFreeSSLContext(tls); }

// Begins the handshake, which goes on in the reads and writes that follow.
static inline int mw_tls_begin(void *redis, void *tls) { return redisInitiateSSLWithContext(redis, tls) == REDIS_OK; }

// How many bytes were read; zero where none can be now, -1 at the end.
static inline ssize_t mw_tls_read(void *redis, char *bytes, size_t room) {
    redisContext *context = redis;
    return context->funcs->read(context, bytes, room);
}

// Hands bytes over; what the socket does not take yet waits in hiredis' buffer. 1: all is written; 0: some waits; -1: the end.
static inline int mw_tls_write(void *redis, const char *bytes, size_t count) {
    int done = 0;
    if (count > 0 && redisAppendFormattedCommand(redis, bytes, count) != REDIS_OK) return -1;
    if (redisBufferWrite(redis, &done) != REDIS_OK) return -1;
    return done ? 1 : 0;
}

static inline const char *mw_tls_reason(void *redis) { return ((redisContext *)redis)->errstr; }
