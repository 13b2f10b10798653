// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightIO

/// One connection to PostgreSQL. Its state lives on the event loop; callers wait without holding a thread.
///
/// A connection runs one statement at a time: a second one while the first runs is a ``PostgresError`` with code `usage`
/// (a ``PostgresClient`` lends each caller its own). Cancelling the task, or passing a deadline, sends the server a cancel
/// request; the connection is clean again when the call returns, or closed where the server did not answer within
/// `cancelGrace`.
///
/// ```swift
/// let connection = try await PostgresConnection.connect(PostgresConfiguration("postgres://app@/erp"))
/// let names = try await connection.query("SELECT name FROM erp_product WHERE id = \(42)", as: String.self)
/// await connection.close()
/// ```
public actor PostgresConnection: Swept, Querying {
    /// What a suspended call waits for.
    enum Awaited { case result, input, flushed, signal }
    /// A suspended call: one step of a conversation, or a whole answer, after which it is told whether the connection is free.
    enum Waiter {
        // unsafe: resumed by `wake` and `finished` alone, which both take the waiter away first; the check costs an allocation,
        // and leaves it to the runtime to find where in a connection each of its properties is
        case step(Awaited, UnsafeContinuation<Void, any Error>)
        case answer(Statement, UnsafeContinuation<Bool, any Error>)
    }

    /// How it was configured.
    public nonisolated let configuration: PostgresConfiguration
    nonisolated let loop: EventLoop
    // Unchecked: nothing that these are handed to calls back while they change, and the checks cost a statement time.
    @exclusivity(unchecked) var handle: PostgresHandle?
    var facts: PostgresServer?
    /// Whether a pooler stands between, so that the session has no guards of its own; known where guards are configured.
    var isBehindPooler = false
    /// What came for a listener; `nil` where nobody listens.
    @exclusivity(unchecked) var inbox: NotificationInbox?
    /// What the server keeps parsed for this connection.
    var prepared: PreparedStatements
    @exclusivity(unchecked) var waiter: Waiter?
    @exclusivity(unchecked) var watchedFor: EventLoop.Readiness = .read
    @exclusivity(unchecked) var isPaused = false
    @exclusivity(unchecked) private(set) var current: Statement? {
        didSet {
            switch (oldValue, self.current) {
            case (nil, .some): self.loop.awaitsAnswer()
            case (.some, nil): self.loop.awaitsAnswerNoLonger()
            default: break
            }
        }
    }
    private(set) var closeReason: any Error = PostgresError(.closed)
    @exclusivity(unchecked) private var canceller: PostgresCanceller?
    @exclusivity(unchecked) private var isSwept = false
    /// Until when one of several servers may take the connection.
    private var attemptDeadline = Deadline.never

    /// The event loop.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    init(_ configuration: PostgresConfiguration, loop: EventLoop) {
        self.configuration = configuration
        self.loop = loop
        self.prepared = PreparedStatements(limit: configuration.preparedStatements)
    }

    /// Opens a connection.
    ///
    /// - Throws: ``PostgresError`` with code `connectionFailed` or `timedOut`; `CancellationError`.
    public static func connect(
        _ configuration: PostgresConfiguration,
        on loop: EventLoop = .shared
    ) async throws -> PostgresConnection {
        let connection = PostgresConnection(configuration, loop: loop)
        try await connection.open()
        return connection
    }

    // MARK: State

    /// Whether a statement can be run on it.
    public var isUsable: Bool { self.current == nil && self.handle.map { !$0.isBad } ?? false }
    /// Whether it can be lent to somebody else: usable, and in no transaction.
    var isClean: Bool { self.current == nil && self.handle?.isIdle ?? false }
    /// Whether a transaction is open.
    public var isInTransaction: Bool { self.handle?.isInTransaction ?? false }
    /// Whether a statement of the open transaction failed, so that only a rollback can follow.
    public var isInFailedTransaction: Bool { self.handle?.isInFailedTransaction ?? false }
    /// The process id of the server's session; 0 where closed.
    public var backendPID: Int32 { self.handle?.backendPID ?? 0 }

    /// Returns the notices and warnings since the last call, and forgets them.
    public func takeNotices() -> [PostgresNotice] { self.handle?.takeNotices() ?? [] }

    /// When the certificate ends that the server showed, in seconds since 1970-01-01 00:00 UTC; `nil` without TLS.
    public var serverCertificateEnd: Double? { self.handle?.certificateEnd }

    /// Closes the connection; a statement that runs fails.
    public func close() { self.abandon(PostgresError(.closed)) }

    // MARK: Statements

    /// Begins a statement: nothing else may run, and its deadline counts from here.
    func begin(timeout: Duration?) throws -> Statement {
        guard self.handle != nil, let canceller = self.canceller else {
            throw Self.mark(self.closeReason, mayHaveRun: false)
        }
        try Task.checkCancellation()
        return try self.begin(
            Statement(
                cancellation: Cancellation(canceller),
                deadline: .after(timeout ?? self.configuration.statementTimeout)
            )
        )
    }

    private func begin(_ statement: Statement) throws -> Statement {
        guard self.current == nil else {
            throw PostgresError(.usage, serverMessage: "the connection runs another statement")
        }
        self.current = statement
        if !self.isSwept {
            self.isSwept = true
            self.loop.sweep(self)
        }
        return statement
    }

    /// Frees the connection for the next statement; false where it must be settled with the server first.
    func endIfQuiet(_ statement: Statement) -> Bool {
        guard statement.end == nil, statement.cancellation?.endIfQuiet() ?? true else { return false }
        self.current = nil
        return true
    }

    /// A statement that could not be sent: the connection is free again.
    func giveBack(_ statement: Statement) {
        if self.current === statement { self.current = nil }
    }

    /// Ends a statement after its last result was read, or its failure; afterwards the connection is clean or closed.
    ///
    /// - Returns: what to throw, where it failed.
    func end(_ statement: Statement, failure: (any Error)? = nil) async -> any Error {
        if failure != nil { await self.discardRest(of: statement) }
        if self.handle != nil, let cancellation = statement.cancellation, !cancellation.endIfQuiet() {
            await cancellation.settle()
        }
        if self.current === statement { self.current = nil }
        // a statement that was not answered before its connection went may have run
        let isUnanswered = self.handle == nil && statement.cancellation != nil
        // a task that was cancelled asks the server first, and tells the connection when its turn comes
        let end = statement.end ?? (statement.cancellation?.wasRequested ?? false ? .cancelled : nil)
        return switch end {
        case .timedOut: PostgresError(.timedOut, mayHaveRun: isUnanswered)
        case .cancelled: CancellationError()
        case .discarded, nil: Self.mark(failure ?? PostgresError(.closed), mayHaveRun: isUnanswered)
        }
    }

    private static func mark(_ error: any Error, mayHaveRun: Bool) -> any Error {
        guard var error = error as? PostgresError, error.code != .queryFailed else { return error }
        error.mayHaveRun = mayHaveRun
        return error
    }

    /// Called from a cancelled task, at any moment.
    nonisolated func cancel(_ statement: Statement) {
        statement.cancellation?.request()
        Task(executorPreference: self.loop) { await self.giveUpSoon(statement, because: .cancelled) }
    }

    /// Gives a statement the grace time to end, after which the connection is abandoned.
    private func giveUpSoon(_ statement: Statement, because end: Statement.End) {
        guard self.current === statement, statement.end == nil else { return }
        statement.end = end
        // there is nothing to cancel while connecting
        guard let cancellation = statement.cancellation, end != .timedOut || statement.isWorthGrace else {
            self.closeReason = end == .timedOut ? PostgresError(.timedOut) : CancellationError()
            return self.abandon(self.closeReason)
        }
        statement.deadline = .after(self.configuration.cancelGrace)
        cancellation.request()
    }

    /// Reads and drops what is left of a statement whose reader failed, so that the next one gets its own results.
    private func discardRest(of statement: Statement) async {
        guard self.handle?.isActive ?? false else { return }
        guard statement.pipeline == nil else { return self.abandon(PostgresError(.closed)) }
        // It was sent as an extended query: see `beginCopy` for what a cancel request would do to it.
        if statement.isUnwantedCopyIn, statement.cancellation?.prevent() != true {
            return self.abandon(PostgresError(.closed))
        }
        self.giveUpSoon(statement, because: .discarded)
        do {
            while try await !self.dropReady() { try await self.resultReady() }
        } catch {
            self.abandon(error)
        }
    }

    /// Drops the results that are there and returns whether that was the last.
    ///
    /// There may be thousands of rows, and each `await` between them might cost a turn of the loop: they go in one.
    private func dropReady() async throws -> Bool {
        while let handle = self.handle, !handle.isBusy {
            guard let result = handle.nextResult() else { return true }
            switch result.status {
            case .copyIn: try await self.endCopyIn(error: "given up by the client")
            case .copyOut: try await self.dropCopy()
            case .copyBoth: throw PostgresError.replication
            default: break
            }
        }
        if self.handle == nil { throw self.closeReason }
        return false
    }

    private func dropCopy() async throws {
        var dropped: [UInt8] = []
        while try await self.nextCopyBatch(into: &dropped, limit: 65_536) { dropped.removeAll(keepingCapacity: true) }
    }

    /// Gives up what is late: first with a cancel request, then with the connection.
    public func swept(at now: Deadline) -> Bool {
        guard let statement = self.current else {
            self.isSwept = false
            return true
        }
        if statement.cancellation == nil, now >= self.attemptDeadline, now < statement.deadline {
            self.abandon(PostgresError(.timedOut))  // this server only: the others get their turn
            return false
        }
        guard now >= statement.deadline else { return false }
        if statement.end == nil {
            self.giveUpSoon(statement, because: .timedOut)
        } else {
            self.abandon(PostgresError(.timedOut))
        }
        return false
    }

    // MARK: Closing

    /// Frees the connection and tells whoever waits; harmless when repeated.
    func abandon(_ error: any Error) {
        if let handle = self.handle {
            if self.inbox != nil { self.takeNotifications(from: handle) }
            self.handle = nil
            self.canceller = nil
            self.closeReason = error
            handle.finish()
            self.current?.cancellation?.finish()
        }
        self.wake(error)
        self.inbox?.end(error)
    }

    // MARK: Opening

    /// Begins something that is bounded but is no statement: connecting.
    func beginOpening() throws -> Statement {
        try self.begin(Statement(cancellation: nil, deadline: .after(self.configuration.connectTimeout)))
    }

    /// Gives the next attempt to connect its share of the time that is left.
    func allowAttempt(_ share: (Duration) -> Duration) {
        if let left = self.current?.deadline.remaining { self.attemptDeadline = .after(share(left)) }
    }

    /// Throws where the opening as a whole was given up, not just one attempt.
    func checkOpening() throws { if self.current?.end != nil { throw self.closeReason } }

    /// Takes over a handle that has just begun to connect.
    func adopt(_ handle: PostgresHandle) { self.handle = handle }

    /// The connection stands: from here its events are the statements'.
    func connected(_ handle: PostgresHandle) {
        handle.setNonblocking()
        self.canceller = handle.makeCanceller()
        self.watch(handle)
    }
}
