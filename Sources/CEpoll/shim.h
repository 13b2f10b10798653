#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <stdint.h>

/* epoll_event is packed, and its data is a union: Swift reads neither well, so both are read and written here. */

static inline int mw_epoll_ctl(int epoll, int operation, int descriptor, uint32_t events, uint64_t id) {
    struct epoll_event event = {.events = events, .data = {.u64 = id}};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

static inline uint64_t mw_epoll_id(const struct epoll_event *event) { return event->data.u64; }
static inline uint32_t mw_epoll_events(const struct epoll_event *event) { return event->events; }
