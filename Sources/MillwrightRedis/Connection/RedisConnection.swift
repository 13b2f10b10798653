// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightIO

/// One connection to Redis, shared by any number of tasks: their commands are pipelined.
///
/// Its state lives on the event loop, and callers wait without holding a thread.
///
/// - A command whose answer does not come in time throws ``RedisError/Code/timedOut``. The connection takes no
///   more commands after that; those under way get their own answers or deadlines, then it closes.
/// - A cancelled task stops waiting at once. Its answer is dropped when it comes, and the connection stays good.
/// - Whatever ends the connection, every caller who waits is told.
public actor RedisConnection: RedisSending {
    enum State {
        case connecting
        case open
        /// A command was late: no more are taken.
        case retired
        case closed(RedisError)
    }

    let configuration: RedisConfiguration
    private let loop: EventLoop
    private let socket: HiredisSocket
    private let reader = HiredisReader()
    private var state = State.connecting
    private var inFlight = InFlight<PendingReply<RedisValue>>()
    private var output = OutputBuffer()
    var trace = SessionTrace()
    /// Told, on the loop, of errors that the server answers and of what makes the connection unusable.
    var onTrouble: (@Sendable (RedisError) -> Void)?
    private var opening: (pending: PendingReply<Void>, deadline: Deadline)?
    private var isFlushDue = false
    private var isSwept = false
    private var watched: EventLoop.Readiness = []

    /// The event loop.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    init(_ configuration: RedisConfiguration, socket: HiredisSocket, loop: EventLoop) {
        self.configuration = configuration
        self.socket = socket
        self.loop = loop
    }

    deinit {
        // Nobody waits here any more. The descriptor may be watched still, and the loop alone can end that: the job holds
        // the socket, not the connection.
        let socket = self.socket
        let loop = self.loop
        guard socket.descriptor >= 0 else { return }
        Task(executorPreference: loop) {
            loop.unwatch(socket.descriptor)
            socket.close()
        }
    }

    /// Whether it takes commands.
    public var isOpen: Bool { if case .open = self.state { true } else { false } }

    /// How many commands wait for their answers.
    public var commandsInFlight: Int { self.inFlight.count }

    /// Whether the next caller may have it: open, nothing under way, no transaction or setting left behind.
    var isClean: Bool { self.isOpen && self.inFlight.count == 0 && self.trace.isClean }

    /// Closes the connection; callers who wait get ``RedisError/Code/closed``.
    public func close() { self.end(RedisError(.closed)) }

    /// Closes the connection because its server is the primary no more: what was written may have run there.
    func depose() {
        self.onTrouble = nil
        self.end(RedisError(.connectionLost, hint: Self.deposedHint))
    }

    /// Takes no more commands because its server says that it is no primary; those that were written get their answers.
    func retire() {
        self.onTrouble = nil
        if case .open = self.state { self.state = .retired }
        if !self.output.isEmpty || self.inFlight.isAllLate {
            self.end(RedisError(.connectionLost, hint: Self.deposedHint))
        }
    }

    private static let deposedHint = "Its server is not the primary any more."

    // MARK: Commands

    /// Sends a command and returns its answer.
    public func send(_ command: RedisCommand, timeout: Duration?) async throws -> RedisValue {
        if command.need == .unsupported { throw RedisError.unsupported(command) }
        let pending = PendingReply<RedisValue>()
        let deadline = Deadline.after(timeout ?? self.configuration.commandTimeout)
        let value = try await pending.wait {
            self.submit(pending, CollectionOfOne(command), deadline: deadline)
        }
        if case .error(let error) = value { throw error }
        return value
    }

    /// Sends commands together and returns their answers in order.
    public func pipeline(_ commands: [RedisCommand], timeout: Duration?) async throws -> [RedisValue] {
        if commands.isEmpty { return [] }
        for command in commands where command.need == .unsupported { throw RedisError.unsupported(command) }
        let pending = PendingReply<RedisValue>()
        let deadline = Deadline.after(timeout ?? self.configuration.commandTimeout)
        let value = try await pending.wait {
            self.submit(pending, commands, deadline: deadline)
        }
        return commands.count == 1 ? [value] : value.elements ?? []
    }

    private func submit(
        _ pending: PendingReply<RedisValue>,
        _ commands: some Collection<RedisCommand>,
        deadline: Deadline
    ) {
        switch self.state {
        case .connecting, .open: break
        case .retired: return _ = pending.end(.failure(RedisError(.connectionLost, hint: Self.retiredHint)))
        case .closed(let reason): return _ = pending.end(.failure(reason))
        }
        self.inFlight.append(pending, count: commands.count, deadline: deadline, start: self.output.appended)
        for command in commands {
            self.output.append(command.wire)
            self.trace.note(command)
        }
        self.sweepIfNeeded()
        self.flushSoon()
    }

    private static let retiredHint = "Another command on the same connection was late."

    // MARK: Writing

    /// Commands of many tasks that run in the same turn of the loop leave in one write.
    private func flushSoon() {
        guard !self.isFlushDue, self.isOpen, self.watched == .read else { return }
        self.isFlushDue = true
        self.loop.atEndOfTurn { [self] in self.assumeIsolated { $0.flush() } }
    }

    private func flush() {
        self.isFlushDue = false
        var reason: String?
        self.output.drain { bytes in
            switch self.socket.write(bytes) {
            case .bytes(let count): return count
            case .full: return nil
            case .ended(let text):
                reason = text
                return nil
            }
        }
        if let reason {
            // Before it hung up the server may have said why.
            while case .bytes = self.receiveOnce() {}
            return self.end(RedisError(.connectionLost, serverMessage: reason))
        }
        self.watch(self.output.isEmpty ? .read : [.read, .write])
    }

    private func watch(_ readiness: EventLoop.Readiness) {
        guard readiness != self.watched, self.socket.descriptor >= 0 else { return }
        self.watched = readiness
        self.loop.change(self.socket.descriptor, to: readiness)
    }
}

// MARK: - What the loop says

extension RedisConnection: Swept {
    /// Connects; the watch, and who waits for it, are set in one job of the loop, so that no event is lost between them.
    func open(before deadline: Deadline) async throws {
        let pending = PendingReply<Void>()
        do {
            try await pending.wait {
                self.opening = (pending, deadline)
                self.sweepIfNeeded()
                self.watched = .write
                self.loop.watch(self.socket.descriptor, for: .write) { [weak self] readiness in
                    self?.assumeIsolated { $0.isReady(readiness) }
                }
            }
        } catch {
            self.end(RedisError(.closed))
            throw error
        }
    }

    private func isReady(_ readiness: EventLoop.Readiness) {
        switch self.state {
        case .connecting: self.finishConnecting()
        case .closed: break
        case .open, .retired:
            if readiness.contains(.write) { self.flush() }
            if readiness.contains(.read) || !readiness.isDisjoint(with: .broken) { self.receive() }
        }
    }

    private func finishConnecting() {
        if let reason = self.socket.connectError() {
            return self.end(RedisError(.connectionFailed, serverMessage: reason))
        }
        self.state = .open
        self.watch(.read)
        let opening = self.opening
        self.opening = nil
        opening?.pending.end(.success(()))
    }

    private func receive() {
        // Other connections wait for their turn, too: what is left brings the loop here again.
        for _ in 0..<8 {
            guard case .bytes(let count) = self.receiveOnce() else { return }
            if !self.socket.filled(by: count) { return }
        }
    }

    private func receiveOnce() -> HiredisSocket.ReadResult {
        let result = self.socket.read { self.reader.feed($0) }
        switch result {
        case .nothingYet: break
        case .ended(let reason): self.end(RedisError(.connectionLost, serverMessage: reason))
        case .bytes:
            while let value = self.reader.next() { self.received(value) }
            if let failure = self.reader.failure {
                self.end(RedisError(.protocolViolation, serverMessage: failure))
            }
            if case .retired = self.state, self.inFlight.isAllLate { self.end(RedisError(.closed)) }
        }
        return result
    }

    private func received(_ value: RedisValue) {
        // A server that is full says so to whoever connects, asked or not, and hangs up.
        if case .error(let error) = value, error.code == .tooManyClients { return self.end(error) }
        switch self.inFlight.received(value) {
        case .complete(let pending, let value): pending.end(.success(value))
        case .partial, .late: break
        case .unasked:
            if case .error(let error) = value { return self.end(error) }
            self.end(RedisError(.protocolViolation, hint: "It answered a question that nobody asked."))
        }
        if case .error(let error) = value { self.onTrouble?(error) }
    }

    /// Gives up what is late.
    public func swept(at now: Deadline) -> Bool {
        if let opening, opening.deadline <= now {
            self.end(RedisError(.timedOut, hint: "The connection could not be made in time."))
        }
        let late = self.inFlight.takeLate(at: now)
        if !late.isEmpty { self.retire(late) }
        self.isSwept = self.opening != nil || self.inFlight.earliest != .never
        return !self.isSwept
    }

    private func sweepIfNeeded() {
        if self.isSwept { return }
        self.isSwept = true
        self.loop.sweep(self)
    }

    /// An answer that is late can come any time, so nobody may be next on this connection.
    private func retire(_ late: [InFlight<PendingReply<RedisValue>>.Entry]) {
        if case .open = self.state { self.state = .retired }
        self.onTrouble?(RedisError(.timedOut))
        let written = self.output.written
        for entry in late { entry.waiter.end(.failure(RedisError(.timedOut, mayHaveRun: entry.start < written))) }
        // What was given up before it was written must never be: the connection ends here.
        if !self.output.isEmpty || self.inFlight.isAllLate {
            self.end(RedisError(.connectionLost, hint: Self.retiredHint))
        }
    }

    /// The one way to the end: the socket is closed once, and everybody who waits is told.
    private func end(_ reason: RedisError) {
        if case .closed = self.state { return }
        self.state = .closed(reason)
        self.loop.unwatch(self.socket.descriptor)
        self.socket.close()
        let opening = self.opening
        self.opening = nil
        opening?.pending.end(.failure(reason))
        let written = self.output.written
        for entry in self.inFlight.removeAll() {
            var error = reason
            error.mayHaveRun = entry.start < written
            entry.waiter.end(.failure(error))
        }
        self.output = OutputBuffer()
        self.onTrouble?(reason)
    }
}
