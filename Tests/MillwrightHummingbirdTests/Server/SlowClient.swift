// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import Glibc

/// A client that sends a byte now and then, as slowloris does.
struct SlowClient {
    let port: Int

    /// Sends a start and then a byte every 20 ms, or nothing at all where there is no start; returns whether the server cut
    /// the connection in time.
    func trickle(after start: String?, untilCutWithin limit: Duration) async -> Bool {
        await Self.onThread {
            guard let descriptor = LoopbackSocket.connect(to: self.port) else { return false }
            defer { close(descriptor) }
            guard let start else { return Self.receives(descriptor, within: limit) == .end }
            Self.send(start, to: descriptor)
            return Self.trickle(descriptor, limit)
        }
    }

    /// Sends a whole request, rests, and then trickles; returns whether the rest was allowed and the trickle cut off.
    func restThenTrickle(ask: String, resting: Duration) async -> (rested: Bool, wasCut: Bool) {
        await Self.onThread {
            guard let descriptor = LoopbackSocket.connect(to: self.port) else { return (false, false) }
            defer { close(descriptor) }
            Self.send(ask, to: descriptor)
            guard Self.receives(descriptor, within: .seconds(20)) == .bytes else { return (false, false) }
            let rested = Self.receives(descriptor, within: resting) == .nothing
            Self.send("GET /livez", to: descriptor)
            return (rested, Self.trickle(descriptor, .seconds(20)))
        }
    }

    private enum Received { case nothing, bytes, end }

    private static func trickle(_ descriptor: Int32, _ limit: Duration) -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if self.receives(descriptor, within: .milliseconds(20)) == .end { return true }
            self.send("a", to: descriptor)
        }
        return false
    }

    private static func receives(_ descriptor: Int32, within time: Duration) -> Received {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, Int32(time / .milliseconds(1))) > 0 else { return .nothing }
        var bytes = [UInt8](repeating: 0, count: 4096)
        return recv(descriptor, &bytes, bytes.count, 0) > 0 ? .bytes : .end
    }

    private static func send(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// A thread of its own: a blocked one of those that Swift's tasks share could be what the server needs.
    private static func onThread<Value: Sendable>(_ body: @Sendable @escaping () -> Value) async -> Value {
        await withCheckedContinuation { waiter in
            Thread.detachNewThread { waiter.resume(returning: body()) }
        }
    }
}
