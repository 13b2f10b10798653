// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO

/// What a call waits for, and the events that end its wait.
extension PostgresConnection {
    /// The next result of the statement, or `nil` after the last.
    func nextResult() async throws -> PostgresResult? {
        if self.handle?.isBusy ?? true { try await self.wait(for: .result) }
        guard let handle = self.handle else { throw self.closeReason }
        let result = handle.nextResult()
        try self.checkEncoding(handle)
        return result
    }

    /// A session may change the encoding, and what it sends then reads as other text: the connection is given up.
    func checkEncoding(_ handle: PostgresHandle) throws {
        guard !handle.isUTF8 else { return }
        self.abandon(PostgresError(.usage, serverMessage: "client_encoding must stay UTF8"))
        throw self.closeReason
    }

    /// Waits until a result can be had.
    func resultReady() async throws { try await self.wait(for: .result) }

    /// Waits until more bytes came.
    func moreInput() async throws { try await self.wait(for: .input) }

    /// Waits until everything was handed to the kernel.
    func flushed() async throws {
        if self.flush() != true { try await self.wait(for: .flushed) }
    }

    private func wait(for awaited: Awaited) async throws {
        try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
            // The test stands in here: on the way in an event may have come and gone.
            guard let handle = self.handle else { return continuation.resume(throwing: self.closeReason) }
            guard let isFlushed = self.flush() else { return continuation.resume(throwing: self.closeReason) }
            if awaited == .result && !handle.isBusy || awaited == .flushed && isFlushed {
                return continuation.resume()
            }
            guard !handle.isBad else {  // nothing will come any more
                self.abandon(PostgresError(.connectionLost, libpqMessage: handle.errorMessage))
                return continuation.resume(throwing: self.closeReason)
            }
            self.waiter = .step(awaited, continuation)
        }
    }

    /// Waits for the whole answer to what was sent; `continuation` is told whether the connection is free again.
    func waitForAnswer(to statement: Statement, _ continuation: UnsafeContinuation<Bool, any Error>) {
        guard let handle = self.handle, self.current === statement else {
            return continuation.resume(throwing: self.closeReason)
        }
        self.waiter = .answer(statement, continuation)
        guard self.flush() != nil, statement.pipeline != nil || handle.isBad else { return }
        self.proceed(statement, handle)
    }

    // MARK: Events

    /// Bytes came, or can go.
    private func event() {
        guard let handle = self.handle else { return }
        guard let waiter = self.waiter else {
            // nobody asks for more rows yet: leave them with the server
            if self.current != nil { return self.pause(handle) }
            guard handle.consumeInput() else { return self.lost(handle) }
            self.takeNotifications(from: handle)
            if handle.hasUnaskedAnswer {
                self.abandon(PostgresError.outOfStep)
            } else if handle.isBad {  // what came was no protocol, and nothing will come any more
                self.lost(handle)
            }
            return
        }
        let isConnected = handle.consumeInput()
        if isConnected, self.inbox != nil { self.takeNotifications(from: handle) }
        if isConnected, self.flush() == nil { return }
        switch waiter {
        case .answer(let statement, _): self.proceed(statement, handle)
        // what the server said last is still to be read, where somebody waits for it
        case .step(.result, _) where !handle.isBusy: self.wake()
        case _ where !isConnected: self.lost(handle)
        case .step(.result, _): break
        case .step(.flushed, _) where self.watchedFor.contains(.write): break
        case .step: self.wake()
        }
    }

    /// Sends what is left of a pipeline, reads what has come, and tells who waits for it where that was the last.
    private func proceed(_ statement: Statement, _ handle: PostgresHandle) {
        do {
            if !handle.isBad, !self.sendMore(of: statement, handle) { return self.lost(handle) }
            guard try statement.takeResults(from: handle) else {
                guard handle.isBad else { return }
                statement.failure = statement.failure ?? statement.pipeline?.answers.failure
                return self.lost(handle)
            }
            try self.checkEncoding(handle)
            self.finished(statement, handle)
        } catch  where statement.pipeline != nil {
            self.abandon(error)  // nobody can tell any more which answer is whose
        } catch {
            self.wake(error)
        }
    }

    /// Sends as much of a pipeline as the socket takes; false where the connection is lost.
    private func sendMore(of statement: Statement, _ handle: PostgresHandle) -> Bool {
        guard let pipeline = statement.pipeline, !self.watchedFor.contains(.write) else { return true }
        return pipeline.send(to: handle, &self.prepared, isStopped: statement.end != nil) && self.flush() != nil
    }

    private func finished(_ statement: Statement, _ handle: PostgresHandle) {
        if let pipeline = statement.pipeline {
            pipeline.answers.unprepared.forEach { self.prepared.forget($0) }
            self.prepared.keepForLater(pipeline.answers.undropped)
            pipeline.stalePlans.forEach { _ = self.prepared.forget(text: $0) }
            guard handle.exitPipeline() else { return self.lost(handle) }
        }
        guard !statement.hasNoAnswer, !handle.hasUnaskedAnswer else { return self.abandon(PostgresError.outOfStep) }
        if self.inbox == nil { self.takeNotifications(from: handle) }
        if statement.endsPlans { self.prepared.forgetAll() }
        guard case .answer(_, let continuation) = self.waiter else { return }
        self.waiter = nil
        continuation.resume(returning: self.endIfQuiet(statement))
    }

    private func lost(_ handle: PostgresHandle) {
        self.abandon(PostgresError(.connectionLost, libpqMessage: handle.errorMessage))
    }

    /// Writes what it can, and watches for room where something is left; `nil` where the connection was lost.
    func flush() -> Bool? {
        guard let handle = self.handle else { return nil }
        if self.isPaused { self.watch(handle) }
        guard let isFlushed = handle.flush() else {
            self.lost(handle)
            return nil
        }
        let wanted: EventLoop.Readiness = isFlushed ? .read : [.read, .write]
        if wanted != self.watchedFor {
            self.watchedFor = wanted
            handle.change(to: wanted)
        }
        return isFlushed
    }

    func wake(_ error: (any Error)? = nil) {
        guard let waiter = self.waiter else { return }
        self.waiter = nil
        switch (waiter, error) {
        case (.step(_, let continuation), let error?): continuation.resume(throwing: error)
        case (.step(_, let continuation), nil): continuation.resume()
        // a session that was ended says why before its connection breaks
        case (.answer(let statement, let continuation), let error):
            continuation.resume(throwing: statement.failure ?? error ?? self.closeReason)
        }
    }

    private func pause(_ handle: PostgresHandle) {
        self.isPaused = true
        handle.unwatch()
    }

    func watch(_ handle: PostgresHandle) {
        self.isPaused = false
        self.watchedFor = .read
        // weak: let go elsewhere while this turn's events are delivered, it is gone before its watch is
        handle.watch(for: .read) { [weak self] _ in self?.assumeIsolated { $0.event() } }
    }

    // MARK: Opening

    /// Waits until the connecting socket is ready; libpq may change it between two polls, so each wait watches anew.
    func socketReady(_ handle: PostgresHandle, for readiness: EventLoop.Readiness) async throws {
        try await self.waitForSignal(begin: {
            guard self.handle === handle else { return false }
            handle.watch(for: readiness) { [weak self] _ in
                self?.assumeIsolated {
                    $0.handle?.unwatch()
                    $0.wake()
                }
            }
            return true
        })
        // closed between the event and here
        guard self.handle === handle else { throw self.closeReason }
    }

    /// Waits until ``signal()``, or until the opening is given up; `begin` says whether there is still something to wait for,
    /// `isOver` whether the signal has come before.
    func waitForSignal(unless isOver: () -> Bool = { false }, begin: () -> Bool = { true }) async throws {
        try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
            // The tests stand in here: on the way in, or on the way out, it may have been given up.
            if isOver() { return continuation.resume() }
            guard self.current?.end == nil, begin() else { return continuation.resume(throwing: self.closeReason) }
            self.waiter = .step(.signal, continuation)
        }
        if self.current?.end != nil { throw self.closeReason }
    }

    /// Wakes whoever waits in ``waitForSignal(begin:)``.
    func signal() { if case .step(.signal, _) = self.waiter { self.wake() } }
}
