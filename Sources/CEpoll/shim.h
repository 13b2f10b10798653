#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <stdint.h>
#include <sys/prctl.h>

/* epoll_event is packed, and its data is a union: Swift reads neither well, so both are read and written here. */

static inline int mw_epoll_ctl(int epoll, int operation, int descriptor, uint32_t events, uint64_t id) {
    struct epoll_event event = {.events = events, .data = {.u64 = id}};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

static inline uint64_t mw_epoll_id(const struct epoll_event *event) { return event->data.u64; }
static inline uint32_t mw_epoll_events(const struct epoll_event *event) { return event->events; }

/* prctl is variadic, which Swift cannot call. Names the calling thread; at most 15 bytes are kept. */
static inline int mw_name_thread(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }
