// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightIO
import Synchronization

/// One connection to Redis, shared by any number of tasks: their commands are pipelined.
///
/// ```swift
/// let connection = try await RedisConnection.connect(RedisConfiguration("unix:///run/redis.sock"))
/// async let name = connection.get("name", as: String.self)
/// async let city = connection.get("city", as: String.self)
/// print(try await name ?? "nobody", try await city ?? "nowhere")
/// await connection.close()
/// ```
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
        /// No more commands are taken, for this reason, which is also that of its end.
        case retired(RedisError)
        case closed(RedisError)
    }

    let configuration: RedisConfiguration
    nonisolated let loop: EventLoop
    nonisolated let mail = Mutex<[Letter]>([])
    nonisolated let tickets = Atomic<UInt64>(0)
    private nonisolated let isTaking = Atomic(false)
    /// How long a command may take where the caller names no time.
    nonisolated let patienceNanoseconds: UInt64
    let socket: HiredisSocket
    private let reader = HiredisReader()
    // Unchecked: nothing that these are handed to calls back while they change, and the checks cost a tenth of a command.
    @exclusivity(unchecked) private var state = State.connecting {
        didSet { self.isTaking.store(self.isOpen, ordering: .releasing) }
    }
    @exclusivity(unchecked) private var inFlight = InFlight<Waiter>()
    @exclusivity(unchecked) private var output = OutputBuffer()
    var trace = SessionTrace()
    private var listener: ((Heard) -> Void)?
    /// Told, on the loop, of errors that the server answers and of what makes the connection unusable.
    var onTrouble: (@Sendable (RedisError) -> Void)?
    private var onEnd: (@Sendable () -> Void)?
    private var opening: (pending: PendingReply<Void>, deadline: Deadline)?
    private var draining: (pending: [PendingReply<Void>], deadline: Deadline)?
    @exclusivity(unchecked) private var isFlushDue = false
    @exclusivity(unchecked) private var isSwept = false
    @exclusivity(unchecked) private var isAwaiting = false
    @exclusivity(unchecked) private var watched: EventLoop.Readiness = []

    /// The event loop.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    init(_ configuration: RedisConfiguration, socket: HiredisSocket, loop: EventLoop) {
        self.configuration = configuration
        self.socket = socket
        self.loop = loop
        self.patienceNanoseconds = configuration.commandTimeout.wholeNanoseconds
    }

    deinit {
        // Nobody waits here any more. The descriptor may be watched still, and the loop alone can end that: the job holds
        // the socket, not the connection.
        let socket = self.socket
        let loop = self.loop
        let isAwaiting = self.isAwaiting
        guard socket.descriptor >= 0 else { return }
        Task(executorPreference: loop) {
            if isAwaiting { loop.awaitsAnswerNoLonger() }
            loop.unwatch(socket.descriptor)
            socket.close()
        }
    }

    /// Whether it takes commands.
    public var isOpen: Bool { if case .open = self.state { true } else { false } }

    /// Whether it took commands a moment ago, for who asks from any thread.
    nonisolated var takesCommands: Bool { self.isTaking.load(ordering: .acquiring) }

    /// When the certificate ends that the server showed, in seconds since 1970-01-01 00:00 UTC; `nil` without TLS.
    public var serverCertificateEnd: Double? { self.socket.certificateEnd }

    /// How many commands wait for their answers.
    public var commandsInFlight: Int { self.inFlight.count }

    /// Whether the next caller may have it: open, nothing under way, no transaction or setting left behind.
    var isClean: Bool { self.isOpen && self.inFlight.count == 0 && self.trace.isClean && self.reader.isAtRest }

    /// Has somebody told of errors, as long as the connection is open.
    func tellOfTrouble(_ listener: @escaping @Sendable (RedisError) -> Void) { self.onTrouble = listener }

    /// Has somebody told when it has ended.
    func tellOfEnd(_ listener: @escaping @Sendable () -> Void) {
        if case .closed = self.state { return listener() }
        self.onEnd = listener
    }

    /// What comes without being asked for.
    enum Heard {
        case message(RedisMessage)
        /// The connection ended; nothing comes after it.
        case ended(RedisError)
    }

    /// Has somebody told what is published to this connection.
    func listen(_ listener: @escaping (Heard) -> Void) {
        if case .closed(let reason) = self.state { return listener(.ended(reason)) }
        self.listener = listener
    }

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
        self.retire(because: RedisError(.connectionLost, hint: Self.deposedHint))
    }

    /// Takes no more commands, and ends when those that it took are answered; after `timeout` it ends all the same.
    ///
    /// Cancelling the task is as if the time were over.
    func drain(within timeout: Duration) async {
        self.collectMail()
        if case .open = self.state { self.state = .retired(RedisError(.closed)) }
        let pending = PendingReply<Void>()
        try? await pending.wait {
            guard !self.inFlight.isAbandoned else {
                pending.end(.success(()))
                return
            }
            let deadline = min(self.draining?.deadline ?? .never, .after(timeout))
            self.draining = ((self.draining?.pending ?? []) + [pending], deadline)
            self.sweepIfNeeded()
        }
        self.end(RedisError(.closed))
    }

    private static let deposedHint = "Its server is not the primary any more."

    // MARK: Commands

    /// Puts a command on its way, or ends its wait where the connection takes none.
    func submit(_ order: Order, for waiter: Waiter) {
        switch self.state {
        case .connecting, .open: break
        case .retired(let reason), .closed(let reason): return waiter.resume(throwing: reason)
        }
        self.inFlight.append(
            waiter,
            ticket: order.ticket,
            count: order.count,
            deadline: order.deadline,
            start: self.output.appended
        )
        order.forEach { command in
            self.output.append(command.wire)
            if command.need == .ownConnection { self.trace.note(command) }
        }
        self.sweepIfNeeded()
        self.tellWhetherAwaiting()
        self.flushSoon()
    }

    private func tellWhetherAwaiting() {
        guard self.isAwaiting != (self.inFlight.count > 0) else { return }
        self.isAwaiting.toggle()
        if self.isAwaiting { self.loop.awaitsAnswer() } else { self.loop.awaitsAnswerNoLonger() }
    }

    /// A task was cancelled: it stops waiting, and its answer is dropped when it comes.
    func abandon(ticket: UInt64) { self.inFlight.abandon(ticket: ticket)?.resume(throwing: CancellationError()) }

    private static let retiredHint = "Another command on the same connection was late."

    // MARK: Writing

    /// So many reads at once are one connection's share of the loop.
    private static let readsPerTurn = 8
    /// So many bytes are not kept until the turn ends: the server works on them meanwhile.
    private static let eagerBytes = 4_096

    /// Commands of many tasks that run in the same turn of the loop leave together.
    private func flushSoon() {
        guard self.watched == .read, self.isOpen else { return }
        if self.output.count >= Self.eagerBytes { return self.flush() }
        guard !self.isFlushDue else { return }
        self.isFlushDue = true
        self.loop.atEndOfTurn { [self] in self.assumeIsolated { $0.endTurn() } }
    }

    private func endTurn() {
        self.isFlushDue = false
        if !self.output.isEmpty { self.flush() }
    }

    private func flush() {
        var reason: String?
        // What TLS has taken and not sent yet goes first, even where nothing comes behind it.
        if self.socket.pendingWrite != nil,
            case .ended(let text) = self.socket.write(UnsafeRawBufferPointer(start: nil, count: 0))
        {
            reason = text
        }
        if reason == nil { reason = self.drainOutput() }
        if let reason {
            // Before it hung up the server may have said why; one that sends without end is not heard out.
            for _ in 0..<Self.readsPerTurn {
                guard case .bytes = self.receiveOnce() else { break }
            }
            return self.end(RedisError(.connectionLost, serverMessage: reason))
        }
        self.watch(self.output.isEmpty && self.socket.pendingWrite == nil ? .read : self.whatWritingAwaits)
    }

    /// Writes what the socket takes; returns why it takes nothing any more, where that is so.
    private func drainOutput() -> String? {
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
        return reason
    }

    /// While the handshake of TLS lasts the socket takes bytes, but OpenSSL waits for the server's.
    private var whatWritingAwaits: EventLoop.Readiness { [.read, self.socket.pendingWrite ?? .write] }

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
            if self.socket.pendingWrite == .read { self.flush() }
        }
    }

    private func finishConnecting() {
        if let reason = self.socket.connectError() {
            return self.end(RedisError(.connectionFailed, serverMessage: reason))
        }
        if let tls = self.configuration.tls {
            do { try self.socket.encrypt(tls, host: self.configuration.endpoint.host) } catch {
                return self.end(error as? RedisError ?? RedisError(.connectionFailed))
            }
        }
        self.state = .open
        self.watch(.read)
        let opening = self.opening
        self.opening = nil
        opening?.pending.end(.success(()))
    }

    private func receive() {
        // Other connections wait for their turn, too: what is left brings the loop here again.
        for _ in 0..<Self.readsPerTurn {
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
            self.tellWhetherAwaiting()
            if let failure = self.reader.failure {
                self.end(RedisError(.protocolViolation, serverMessage: failure))
            }
            if case .retired(let reason) = self.state, self.inFlight.isAbandoned { self.end(reason) }
        }
        return result
    }

    private func received(_ value: RedisValue) {
        // A server that is full says so to whoever connects, asked or not, and hangs up.
        if case .error(let error) = value, error.code == .tooManyClients { return self.end(error) }
        if let listener, let message = RedisMessage(pushed: value) { return listener(.message(message)) }
        if value.isUnaskedPush { return }
        let received = self.inFlight.received(value)
        if case .error(let error) = value {
            if case .unasked = received { return self.end(error) }
            // First, because the caller, on a thread of its own, asks at once whether the connection was given up for it.
            self.onTrouble?(error)
        }
        switch received {
        case .complete(let waiter, let value): waiter.resume(returning: value)
        case .partial, .dropped: break
        case .unasked: self.end(RedisError(.protocolViolation, hint: "It answered a question that nobody asked."))
        }
    }

    /// Gives up what is late.
    public func swept(at now: Deadline) -> Bool {
        if let opening, opening.deadline <= now {
            self.end(RedisError(.timedOut, hint: "The connection could not be made in time."))
        }
        let (isAnyLate, waiters) = self.inFlight.takeLate(at: now)
        if isAnyLate { self.retire(waiters) }
        if let draining, draining.deadline <= now { self.end(RedisError(.closed)) }
        self.isSwept = self.opening != nil || self.draining != nil || self.inFlight.earliest != .never
        return !self.isSwept
    }

    private func sweepIfNeeded() {
        if self.isSwept { return }
        self.isSwept = true
        self.loop.sweep(self)
    }

    /// An answer that is late can come any time, so nobody may be next on this connection.
    private func retire(_ late: [(waiter: Waiter, start: Int)]) {
        let reason = RedisError(.connectionLost, hint: Self.retiredHint)
        if case .open = self.state { self.state = .retired(reason) }
        self.onTrouble?(RedisError(.timedOut))
        let written = self.output.written
        for (waiter, start) in late { waiter.resume(throwing: RedisError(.timedOut, mayHaveRun: start < written)) }
        self.retire(because: reason)
    }

    /// Takes no more commands, and ends where nobody waits any more, or where something is not written yet: what was given up
    /// before it was must never be.
    private func retire(because reason: RedisError) {
        if case .open = self.state { self.state = .retired(reason) }
        if !self.output.isEmpty || self.inFlight.isAbandoned { self.end(reason) }
    }

    /// The one way to the end: the socket is closed once, and everybody who waits is told.
    func end(_ reason: RedisError) {
        if case .closed = self.state { return }
        self.state = .closed(reason)
        self.loop.unwatch(self.socket.descriptor)
        self.socket.close()
        let opening = self.opening
        self.opening = nil
        opening?.pending.end(.failure(reason))
        let drains = self.draining?.pending ?? []
        self.draining = nil
        for drain in drains { drain.end(.success(())) }
        let written = self.output.written
        for (waiter, start) in self.inFlight.removeAll() {
            var error = reason
            error.mayHaveRun = start < written
            waiter.resume(throwing: error)
        }
        self.tellWhetherAwaiting()
        self.output = OutputBuffer()
        let listener = self.listener
        self.listener = nil
        listener?(.ended(reason))
        self.onTrouble?(reason)
        self.onEnd?()
    }
}
