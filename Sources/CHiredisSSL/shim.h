#pragma once
#include <hiredis/hiredis.h>
#include <hiredis/hiredis_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/types.h>
#include <time.h>

// hiredis' TLS, on the contexts that CHiredis makes; only where hiredis is 1.0 or newer and was built with OpenSSL. The session is
// made here and not by hiredis, which checks no host's name and tells nothing of the certificate. Contexts are handed over as plain
// pointers, because two modules that include hiredis.h have each a type of their own for them.

static inline const char *mw_tls_reason_of_openssl(void) {
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return reason ? reason : "OpenSSL gives no reason";
}

// Returns nil and the reason where files cannot be read.
static inline void *mw_tls_create(
    const char *authorities,
    const char *folder,
    const char *certificate,
    const char *key,
    int verifies,
    const char **reason
) {
    ERR_clear_error();
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    int is_good = tls && SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) == 1;
    if (is_good) SSL_CTX_set_verify(tls, verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    if (is_good && (authorities || folder)) is_good = SSL_CTX_load_verify_locations(tls, authorities, folder) == 1;
    if (is_good && certificate) is_good = SSL_CTX_use_certificate_chain_file(tls, certificate) == 1;
    if (is_good && key) is_good = SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) == 1;
    if (is_good) return tls;
    *reason = mw_tls_reason_of_openssl();
    SSL_CTX_free(tls);
    return NULL;
}

static inline void mw_tls_free(void *tls) { SSL_CTX_free(tls); }

// Why the server's certificate was not taken; nil where it was, or was not looked at yet.
static inline const char *mw_tls_refusal(void *session) {
    long code = SSL_get_verify_result(session);
    return code == X509_V_OK || SSL_get_verify_mode(session) == SSL_VERIFY_NONE ? NULL : X509_verify_cert_error_string(code);
}

// Begins the handshake, which goes on in the reads and writes that follow; returns the session, which is the context's from here
// on, or nil, with what is wrong with the certificate of a server that answered at once. Where the server is verified its
// certificate must be for the name, or for the address where the name is one.
static inline void *mw_tls_begin(void *redis, void *tls, const char *name, const char **refusal) {
    SSL *session = SSL_new(tls);
    if (!session) return NULL;
    int is_good = 1;
    if (name && X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name) != 1)
        is_good = SSL_set_tlsext_host_name(session, name) == 1 && SSL_set1_host(session, name) == 1;
    ERR_clear_error();
    if (is_good && redisInitiateSSL(redis, session) == REDIS_OK) return session;
    *refusal = mw_tls_refusal(session);
    SSL_free(session);
    return NULL;
}

// When the certificate ends that the server showed, in seconds since 1970; 0 before the end of the handshake.
static inline long long mw_tls_certificate_end(void *session) {
    X509 *certificate = SSL_get_peer_certificate(session);
    if (!certificate) return 0;
    struct tm time = {0};
    long long seconds = ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) == 1 ? (long long)timegm(&time) : 0;
    X509_free(certificate);
    return seconds;
}

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
