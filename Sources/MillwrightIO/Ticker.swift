// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import CEpoll
import Glibc

/// A descriptor that becomes readable every few milliseconds while it runs.
///
/// A timeout of `epoll_wait` instead has the kernel set a timer before every wait and clear it after, which on a virtual machine
/// costs more than a short statement's reply.
struct Ticker {
    /// Readable when a period has passed.
    let descriptor = timerfd_create(Int32(CLOCK_MONOTONIC), Int32(TFD_NONBLOCK) | Int32(TFD_CLOEXEC))
    /// Nanoseconds between two ticks.
    let periodNanoseconds: UInt64

    /// Ticks from now on, first after one period.
    func start() { self.set(self.periodNanoseconds) }

    /// Ticks no longer.
    func stop() { self.set(0) }

    /// Takes the ticks that made the descriptor readable; returns how many there were.
    func drain() -> UInt64 {
        var count: UInt64 = 0
        _ = read(self.descriptor, &count, 8)
        return count
    }

    private func set(_ nanoseconds: UInt64) {
        let period = timespec(tv_sec: 0, tv_nsec: Int(nanoseconds))
        var timer = itimerspec(it_interval: period, it_value: period)
        timerfd_settime(self.descriptor, 0, &timer, nil)
    }
}
