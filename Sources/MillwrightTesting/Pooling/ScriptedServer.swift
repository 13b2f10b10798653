// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

package import MillwrightIO
package import MillwrightPooling
import Synchronization

/// A server that exists in the script only: it hands out connections, and keeps books on what becomes of them.
package final class ScriptedServer: Sendable {
    /// What a server that is down says.
    package struct Down: Error {
        package init() {}
    }

    /// What is in its books.
    package struct Books: Sendable {
        /// Whether it takes connections and answers.
        package var isUp = true
        /// How often somebody tried to connect.
        package var attempts = 0
        /// How many connections it gave.
        package var opened = 0
        /// How many of them were closed.
        package var closed = 0
        /// How often it was asked whether it is still there.
        package var pings = 0
        /// How often a connection was used by two callers at once.
        package var doubleLoans = 0
    }

    private let books = Mutex(Books())
    private let door = Door()
    package let loop: EventLoop

    package init(on loop: EventLoop = .shared) { self.loop = loop }

    /// Its books.
    package var now: Books { self.books.withLock { $0 } }

    /// Changes its books: brings it down, for instance.
    package func change(_ body: @Sendable (inout Books) -> Void) { self.books.withLock { body(&$0) } }

    /// Lets connections take until ``letIn()``.
    package func keepWaiting() { self.door.shut() }

    /// Lets those in that wait, and whoever comes after.
    package func letIn() { self.door.open() }

    /// Gives a connection.
    package func connect() async throws -> ScriptedConnection {
        self.change { $0.attempts += 1 }
        try await self.door.pass()
        let number = try self.books.withLock { books in
            guard books.isUp else { throw Down() }
            books.opened += 1
            return books.opened
        }
        return ScriptedConnection(number, self)
    }

    /// A pool of connections to it.
    package func pool(
        _ configuration: PoolConfiguration,
        breaker: EndpointBreaker = EndpointBreaker()
    ) -> ConnectionPool<ScriptedConnection> {
        ConnectionPool(configuration, on: self.loop, breaker: breaker) { try await self.connect() }
    }
}

/// A door that callers wait at while it is shut.
private final class Door: Sendable {
    private struct State {
        var isShut = false
        var last = 0
        var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
        var gone: Set<Int> = []
    }

    private let state = Mutex(State())

    func shut() { self.state.withLock { $0.isShut = true } }

    func open() {
        let waiting = self.state.withLock { state in
            defer { state.waiting = [:] }
            state.isShut = false
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume() }
    }

    func pass() async throws {
        let number: Int? = self.state.withLock { state in
            guard state.isShut else { return nil }
            state.last += 1
            return state.last
        }
        guard let number else { return }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { self.wait(number, $0) }
        } onCancel: {
            self.leave(number)
        }
    }

    private func wait(_ number: Int, _ continuation: CheckedContinuation<Void, any Error>) {
        let result: Result<Void, any Error>? = self.state.withLock { state in
            if state.gone.remove(number) != nil { return .failure(CancellationError()) }
            if !state.isShut { return .success(()) }
            state.waiting[number] = continuation
            return nil
        }
        if let result { continuation.resume(with: result) }
    }

    private func leave(_ number: Int) {
        let waiting = self.state.withLock { state in
            let waiting = state.waiting.removeValue(forKey: number)
            if waiting == nil { state.gone.insert(number) }
            return waiting
        }
        waiting?.resume(throwing: CancellationError())
    }
}
