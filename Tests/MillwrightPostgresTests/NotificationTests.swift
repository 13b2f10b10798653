// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightIO
import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import MillwrightPostgres

@Suite("LISTEN and NOTIFY", .serialized, .timeLimit(.minutes(1)))
struct NotificationTests {
    let configuration: PostgresConfiguration

    init() async throws { self.configuration = try await testConfiguration() }

    /// A channel that no other test has, with everything in its name that must be quoted.
    private func freshChannel() -> String { "Odd \"channel\" ☃ \(UInt64.random(in: .min ... .max))" }

    @Test(
        "Notifications come in order with their channel, payload and sender, those of a rolled back transaction not at all"
    )
    func order() async throws {
        let (one, two) = (self.freshChannel(), self.freshChannel())
        let notifications = try await PostgresNotifications.listen(self.configuration, to: [one, two])
        let sender = try await PostgresConnection.connect(self.configuration)
        struct Failed: Error {}

        try await sender.notify(one, payload: "first ☃")
        try? await sender.withTransaction { sender in
            try await sender.notify(one, payload: "never")
            throw Failed()
        }
        try await sender.withTransaction { sender in
            try await sender.notify(two)
            try await sender.notify(one, payload: String(repeating: "x", count: 7_999))
        }

        var iterator = notifications.makeAsyncIterator()
        let pid = await sender.backendPID
        var received: [PostgresNotification?] = []
        for _ in 0..<3 { received.append(try await iterator.next()) }
        #expect(received[0] == PostgresNotification(channel: one, payload: "first ☃", senderPID: pid))
        #expect(received[1] == PostgresNotification(channel: two, payload: "", senderPID: pid))
        #expect(received[2]?.payload.count == 7_999)
        await notifications.close()
        await sender.close()
    }

    @Test("Ten thousand notifications arrive, none twice and none missing, while they are taken")
    func many() async throws {
        let channel = self.freshChannel()
        let notifications = try await PostgresNotifications.listen(
            self.configuration,
            to: [channel],
            bufferLimit: 10_000
        )
        let sender = try await PostgresConnection.connect(self.configuration)

        let sending = Task {
            for start in stride(from: 0, to: 10_000, by: 100) {
                _ = try await sender.query(
                    "SELECT pg_notify(\(channel), i::text) FROM generate_series(\(start)::int, \(start + 99)::int) AS i"
                )
            }
        }
        var seen = 0
        for try await notification in notifications {
            #expect(notification.payload == "\(seen)")
            seen += 1
            if seen == 10_000 { break }
        }

        #expect(seen == 10_000)
        try await sending.value
        await notifications.close()
        await sender.close()
    }

    @Test("A buffer that is full hands out what it holds, then says that some are lost")
    func overflow() async throws {
        let channel = self.freshChannel()
        let connection = try await PostgresConnection.connect(self.configuration)
        try await connection.listen(to: [channel], bufferLimit: 3)
        // what a session sends itself has come when its statement ends
        _ = try await connection.query("SELECT pg_notify(\(channel), i::text) FROM generate_series(1, 10) AS i")
        let notifications = PostgresNotifications(connection: connection)
        var payloads: [String] = []
        let error = await #expect(throws: PostgresError.self) {
            for try await notification in notifications { payloads.append(notification.payload) }
        }

        #expect(payloads == ["1", "2", "3"])
        #expect(error?.code == .notificationsLost)
        #expect(await !connection.isUsable)
    }

    @Test("A listener whose session is ended gets an error, never silence")
    func lost() async throws {
        let channel = self.freshChannel()
        let notifications = try await PostgresNotifications.listen(self.configuration, to: [channel])
        let other = try await PostgresConnection.connect(self.configuration)
        var iterator = notifications.makeAsyncIterator()
        try await other.notify(channel, payload: "last")

        // A session that is ended before it has passed a notification on never does: this one has.
        let first = try await iterator.next()
        let ending: SQL = "SELECT pg_terminate_backend(\(await notifications.backendPID)::int)"
        async let ended = other.query(ending)
        let error = await #expect(throws: PostgresError.self) { try await iterator.next() }
        let after = try await iterator.next()
        _ = try await ended

        #expect(first?.payload == "last")
        #expect(error?.isOutage == true)
        #expect(after == nil)
        await other.close()
    }

    @Test("Waiting ends at once when the task is cancelled, before or while it waits, and the next wait is not struck")
    func cancellation() async throws {
        let channel = self.freshChannel()
        let notifications = try await PostgresNotifications.listen(self.configuration, to: [channel])
        for round in 0..<200 {
            let waiting = Task {
                var iterator = notifications.makeAsyncIterator()
                return try await iterator.next()
            }
            for _ in 0..<(round % 7) { await Task.yield() }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
        }

        let sender = try await PostgresConnection.connect(self.configuration)
        try await sender.notify(channel, payload: "still here")
        var iterator = notifications.makeAsyncIterator()
        let payload = try await iterator.next()?.payload
        #expect(payload == "still here")
        await notifications.close()
        await sender.close()
    }

    @Test("A second task that listens to the same connection is refused")
    func second() async throws {
        let notifications = try await PostgresNotifications.listen(self.configuration, to: [self.freshChannel()])
        let outcomes = await withTaskGroup(of: PostgresError.Code?.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    var iterator = notifications.makeAsyncIterator()
                    do { _ = try await iterator.next() } catch { return (error as? PostgresError)?.code }
                    return nil
                }
            }
            var all: [PostgresError.Code?] = []
            for await outcome in group { all.append(outcome) }
            return all
        }

        // the one that is refused closes the connection, which ends the other
        #expect(Set(outcomes) == [.usage, .closed])
    }

    @Test("A listener outlives its server: it says that it may have missed some, and goes on")
    func reconnects() async throws {
        let servers = try await TestServers.private(.postgresOnly)
        var listener = PostgresListener(PostgresConfiguration(servers.superuserURL), channels: ["Jobs"])
        listener.backoff = Backoff(base: .milliseconds(20), cap: .milliseconds(100))
        let configuration = PostgresConfiguration(servers.superuserURL)
        var iterator = listener.makeAsyncIterator()

        // the first event can only come once it listens
        let notifier = Task {
            while !Task.isCancelled {
                let sender = try? await PostgresConnection.connect(configuration)
                try? await sender?.notify("Jobs", payload: "one")
                await sender?.close()
            }
        }
        let first = try await iterator.next()
        notifier.cancel()
        await notifier.value
        try await servers.server("postgres").kill()
        try await servers.server("postgres").restart()
        var next = try await iterator.next()
        while case .notification = next { next = try await iterator.next() }

        #expect(first.map { if case .notification(let one) = $0 { one.payload } else { "" } } == "one")
        #expect(next == .mayHaveMissed(.reconnected))
        let sender = try await PostgresConnection.connect(configuration)
        try await sender.notify("Jobs", payload: "two")
        let after = try await iterator.next()
        #expect(after.map { if case .notification(let two) = $0 { two.payload } else { "" } } == "two")
        await sender.close()
        try await servers.remove()
    }

    @Test("A listener does not try again what trying again does not cure")
    func permanent() async throws {
        let separator = self.configuration.url.reveal().contains("?") ? "&" : "?"
        let nowhere = testConfiguration(self.configuration.url.reveal() + separator + "dbname=nowhere")
        var iterator = PostgresListener(nowhere, channels: ["jobs"]).makeAsyncIterator()

        let error = await #expect(throws: PostgresError.self) { try await iterator.next() }

        #expect(error?.sqlState == "3D000")
    }
}

@Suite("Notification buffer")
struct NotificationBufferTests {
    private func told(_ buffer: inout NotificationBuffer) -> String {
        switch buffer.next() {
        case .notification(let notification): notification.payload
        case .overflowed: "overflowed"
        case .ended: "ended"
        case .wait: "wait"
        }
    }

    @Test("The gap is told where it is: behind what was kept, before what comes after it was told")
    func gap() {
        var buffer = NotificationBuffer(limit: 2)
        for payload in ["1", "2", "3"] { buffer.append(PostgresNotification(channel: "c", payload: payload)) }

        let before = (0..<1).map { _ in self.told(&buffer) }
        buffer.append(PostgresNotification(channel: "c", payload: "4"))
        let gap = (0..<3).map { _ in self.told(&buffer) }
        buffer.append(PostgresNotification(channel: "c", payload: "5"))

        #expect(before == ["1"])
        #expect(gap == ["2", "overflowed", "wait"])
        #expect(self.told(&buffer) == "5")
    }

    @Test("What is held is handed out before the end is told, and nothing is kept after it")
    func end() {
        var buffer = NotificationBuffer(limit: 10)
        buffer.append(PostgresNotification(channel: "c", payload: "1"))
        buffer.end(PostgresError(.connectionLost))
        buffer.append(PostgresNotification(channel: "c", payload: "2"))

        let all = (0..<3).map { _ in self.told(&buffer) }

        #expect(all == ["1", "ended", "ended"])
    }
}
