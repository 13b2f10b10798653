#pragma once
#include <postgresql/libpq-fe.h>
#include <dlfcn.h>
#include <time.h>

/* What a newer libpq has beyond Debian 12's, decided where the header is known. */

/* A blocking cancel request; encrypted like the connection itself where libpq can (17 and later). */
#ifdef LIBPQ_HAS_ASYNC_CANCEL
typedef PGcancelConn mw_cancel;
static inline mw_cancel *mw_cancel_create(PGconn *connection) { return PQcancelCreate(connection); }
static inline int mw_cancel_send(mw_cancel *cancel) { PQcancelReset(cancel); return PQcancelBlocking(cancel); }
static inline void mw_cancel_free(mw_cancel *cancel) { PQcancelFinish(cancel); }
#else
typedef PGcancel mw_cancel;
static inline mw_cancel *mw_cancel_create(PGconn *connection) { return PQgetCancel(connection); }
static inline int mw_cancel_send(mw_cancel *cancel) { char error[256]; return PQcancel(cancel, error, sizeof error); }
static inline void mw_cancel_free(mw_cancel *cancel) { PQfreeCancel(cancel); }
#endif

/* When the certificate ends that the server showed, in seconds since 1970; 0 where there is none. libpq hands out its OpenSSL
   session and no more; OpenSSL itself is in the process with libpq, so nothing is linked for it. */
static inline long long mw_certificate_end(PGconn *connection) {
    void *session = connection ? PQsslStruct(connection, "OpenSSL") : 0;
    void *(*take)(void *) = (void *(*)(void *))dlsym(RTLD_DEFAULT, "SSL_get1_peer_certificate");
    const void *(*end)(const void *) = (const void *(*)(const void *))dlsym(RTLD_DEFAULT, "X509_get0_notAfter");
    int (*read)(const void *, struct tm *) = (int (*)(const void *, struct tm *))dlsym(RTLD_DEFAULT, "ASN1_TIME_to_tm");
    void (*release)(void *) = (void (*)(void *))dlsym(RTLD_DEFAULT, "X509_free");
    if (!session || !take || !end || !read || !release) return 0;
    void *certificate = take(session);
    if (!certificate) return 0;
    struct tm time = {0};
    long long seconds = read(end(certificate), &time) == 1 ? (long long)timegm(&time) : 0;
    release(certificate);
    return seconds;
}

/* PG_DIAG_* are character macros, which Swift does not import. */
static const int mw_diag_severity = PG_DIAG_SEVERITY_NONLOCALIZED;
static const int mw_diag_sqlstate = PG_DIAG_SQLSTATE;
static const int mw_diag_message = PG_DIAG_MESSAGE_PRIMARY;
static const int mw_diag_detail = PG_DIAG_MESSAGE_DETAIL;
static const int mw_diag_hint = PG_DIAG_MESSAGE_HINT;
static const int mw_diag_constraint = PG_DIAG_CONSTRAINT_NAME;
static const int mw_diag_position = PG_DIAG_STATEMENT_POSITION;
static const int mw_diag_schema = PG_DIAG_SCHEMA_NAME;
static const int mw_diag_table = PG_DIAG_TABLE_NAME;
static const int mw_diag_column = PG_DIAG_COLUMN_NAME;
static const int mw_diag_type = PG_DIAG_DATATYPE_NAME;
