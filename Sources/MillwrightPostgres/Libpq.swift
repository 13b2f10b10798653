// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import CPostgres
import Glibc
import MillwrightIO
import Synchronization

// The one file that calls libpq: who owns a PGconn, a PGresult or a PGcancel, and who frees it.

/// A `PGconn` and its place on the loop; finished exactly once, on the loop.
final class PostgresHandle: @unchecked Sendable {
    // @unchecked: everything is touched on the loop's thread only; `deinit` moves what is left to it.

    /// What libpq waits for while it connects.
    enum Poll { case reading, writing, connected, failed }
    /// What became of bytes given to a COPY.
    enum Put { case taken, full, failed }
    /// What came out of a COPY.
    enum Get { case row, wouldBlock, end, failed }

    /// Notices of the connection, in the order they came.
    private(set) var notices: [PostgresNotice] = []
    private var isOutOfStep = false
    // nil: out of memory, or finished; libpq's functions answer that as a bad connection
    private var raw: OpaquePointer?
    private let loop: EventLoop
    private let values = BoundValues()
    private var watched: Int32 = -1
    private var isFinished = false

    /// Begins to connect; never blocks where `hostaddr` is given for each host that is not a socket.
    init(parameters: [(keyword: String, value: String)], loop: EventLoop) {
        self.loop = loop
        self.raw = Conninfo.withPointers(to: parameters) { PQconnectStartParams($0, $1, 0) }
        PQsetErrorVerbosity(self.raw, PQERRORS_VERBOSE)  // the only way to a failed connection's SQLSTATE
        PQsetNoticeReceiver(
            self.raw,
            { context, result in
                guard let context, let result else { return }
                let handle = Unmanaged<PostgresHandle>.fromOpaque(context).takeUnretainedValue()
                // The server's own notices have a code; libpq's tell of messages that it could not place.
                guard PQresultErrorField(result, mw_diag_sqlstate) != nil else { return handle.isOutOfStep = true }
                handle.keep(PostgresNotice(result))
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
    }

    deinit {
        guard !self.isFinished else { return }
        let (raw, loop, watched) = (SendableRaw(self.raw), self.loop, self.watched)
        Task(executorPreference: loop) {  // let go without close: finished on the loop all the same
            if watched >= 0 { loop.unwatch(watched) }
            PQfinish(raw.pointer)
        }
    }

    /// Ends the connection and frees it.
    func finish() {
        guard !self.isFinished else { return }
        self.isFinished = true
        self.unwatch()
        PQfinish(self.raw)
        self.raw = nil  // whoever still holds the handle must not touch what is freed
    }

    // MARK: State

    var isBad: Bool { self.isFinished || PQstatus(self.raw) == CONNECTION_BAD }
    var isIdle: Bool { !self.isBad && PQtransactionStatus(self.raw) == PQTRANS_IDLE }
    var isActive: Bool { !self.isBad && PQtransactionStatus(self.raw) == PQTRANS_ACTIVE }
    var isInTransaction: Bool { [PQTRANS_INTRANS, PQTRANS_INERROR].contains(PQtransactionStatus(self.raw)) }
    var isInFailedTransaction: Bool { PQtransactionStatus(self.raw) == PQTRANS_INERROR }
    var errorMessage: String { String(cString: PQerrorMessage(self.raw)) }
    var backendPID: Int32 { PQbackendPID(self.raw) }
    func parameter(_ name: String) -> String? { PQparameterStatus(self.raw, name).map { String(cString: $0) } }
    var serverVersion: Int { Int(PQserverVersion(self.raw)) }
    /// When the server's certificate ends, in seconds since 1970; `nil` without TLS.
    var certificateEnd: Double? {
        let seconds = self.isBad ? 0 : mw_certificate_end(self.raw)
        return seconds == 0 ? nil : Double(seconds)
    }
    var isBusy: Bool { self.afterClosing(PQisBusy(self.raw) == 1) }
    /// Whether text arrives in UTF-8: a session may change it, and what it sends then reads as other text.
    ///
    /// A connection that broke has no encoding any more, and its last results are good.
    var isUTF8: Bool { PQclientEncoding(self.raw) == self.utf8 || self.isBad }
    private let utf8 = pg_char_to_encoding("UTF8")
    func setNonblocking() { PQsetnonblocking(self.raw, 1) }
    func makeCanceller() -> PostgresCanceller? { PostgresCanceller(self.raw) }

    func poll() -> Poll {
        if PQstatus(self.raw) == CONNECTION_BAD { return .failed }
        return switch PQconnectPoll(self.raw) {
        case PGRES_POLLING_READING: .reading
        case PGRES_POLLING_WRITING: .writing
        case PGRES_POLLING_OK: .connected
        default: .failed
        }
    }

    func takeNotices() -> [PostgresNotice] {
        defer { self.notices = [] }
        return self.notices
    }

    /// A server that notices without end must not fill memory: the oldest go.
    private func keep(_ notice: PostgresNotice) {
        if self.notices.count >= 1_000 { self.notices.removeFirst() }
        self.notices.append(notice)
    }

    /// The next notification that has come, or `nil`.
    func nextNotification() -> PostgresNotification? {
        guard let raw = self.afterClosing(PQnotifies(self.raw)) else { return nil }
        defer { PQfreemem(raw) }
        return PostgresNotification(
            channel: String(cString: raw.pointee.relname),
            payload: String(cString: raw.pointee.extra),
            senderPID: raw.pointee.be_pid
        )
    }

    // MARK: Readiness

    /// Watches the socket; while connecting libpq may change it between two polls, so each wait watches anew.
    func watch(for readiness: EventLoop.Readiness, handler: @escaping (EventLoop.Readiness) -> Void) {
        self.unwatch()
        self.watched = PQsocket(self.raw)
        guard self.watched >= 0 else { return }
        self.loop.watch(self.watched, for: readiness, handler: handler)
    }

    func change(to readiness: EventLoop.Readiness) {
        if self.watched >= 0 { self.loop.change(self.watched, to: readiness) }
    }

    func unwatch() {
        if self.watched >= 0 { self.loop.unwatch(self.watched) }
        self.watched = -1
    }

    /// Reads what has come; false where the connection is lost.
    func consumeInput() -> Bool { self.afterClosing(PQconsumeInput(self.raw) == 1) }

    /// Whether the server has answered what nobody asked; call it while no statement runs, whose answer it would be taken for.
    var hasUnaskedAnswer: Bool {
        _ = self.isBusy  // reads what has come: notices and settings may come any time
        return self.isOutOfStep
    }

    /// Whether the server has ended an idle session, or said what nobody asked; costs a system call that does not wait.
    var isHungUp: Bool {
        var reads = 0
        while self.isReadable {  // its last words, then the end of the stream
            reads += 1
            guard reads <= Self.readsOfIdle, self.consumeInput() else { return true }
        }
        return self.isBad || self.hasUnaskedAnswer
    }
    /// More than an idle server has to say; whoever goes on and on would hold up the loop.
    private static let readsOfIdle = 8

    private var isReadable: Bool {
        var socket = pollfd(fd: PQsocket(self.raw), events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&socket, 1, 0) > 0
    }

    /// Ends the watch where libpq has just closed the socket by itself, as it does at the end of the stream.
    ///
    /// The descriptor's number may belong to another connection a moment later, whose watch must not be taken for this one's.
    private func afterClosing<Value>(_ value: Value) -> Value {
        if self.watched >= 0, PQsocket(self.raw) != self.watched { self.unwatch() }
        return value
    }

    /// Writes what it can; true where all is written, `nil` where the connection is lost.
    func flush() -> Bool? {
        switch self.afterClosing(PQflush(self.raw)) {
        case 0: true
        case 1: false
        default: nil
        }
    }

    // MARK: Statements

    /// Sends one statement with its values, under its name where the server keeps it; false where libpq refuses.
    func send(_ sql: SQL, name: String? = nil) -> Bool {
        let format: Int32 = sql.results == .binary ? 1 : 0
        return self.values.withPointers(to: sql.binds) { count, pointers in
            let code =
                if let name {
                    PQsendQueryPrepared(self.raw, name, count, pointers, nil, nil, format)
                } else {
                    // not handed over as it is, which would copy the text
                    sql.text.withCString {
                        PQsendQueryParams(self.raw, $0, count, sql.bindTypes, pointers, nil, nil, format)
                    }
                }
            return self.afterClosing(code == 1)
        }
    }

    /// Has the server parse a statement and keep it.
    func sendPrepare(_ sql: SQL, name: String) -> Bool {
        self.afterClosing(PQsendPrepare(self.raw, name, sql.text, Int32(sql.binds.count), sql.bindTypes) == 1)
    }

    /// Sends statements without values, in the simple protocol.
    func send(script: String) -> Bool { self.afterClosing(PQsendQuery(self.raw, script) == 1) }

    // MARK: Pipelines

    func enterPipeline() -> Bool { PQenterPipelineMode(self.raw) == 1 }
    /// Ends pipeline mode; false where answers are still to come.
    func exitPipeline() -> Bool { self.afterClosing(PQexitPipelineMode(self.raw) == 1) }
    /// Marks the place up to which an error stops the server.
    func sendSync() -> Bool { self.afterClosing(PQpipelineSync(self.raw) == 1) }

    // MARK: Results

    func setSingleRowMode() { PQsetSingleRowMode(self.raw) }

    /// The next result, or `nil` after the last; call only while not busy, else it blocks.
    func nextResult() -> PostgresResult? { self.afterClosing(PQgetResult(self.raw)).map(PostgresResult.init) }

    /// The same, put in the place of the result before, which serves again where nobody else holds it; `nil` after the last.
    func nextResult(into place: inout PostgresResult?) -> PostgresResult.Status? {
        guard let raw = self.afterClosing(PQgetResult(self.raw)) else { return nil }
        if isKnownUniquelyReferenced(&place) {
            place?.replace(with: raw)
        } else {
            place = PostgresResult(raw)
        }
        return PostgresResult.Status(of: raw)
    }

    // MARK: COPY

    func put(_ bytes: [UInt8]) -> Put {
        let code = bytes.withUnsafeBytes { buffer in
            PQputCopyData(self.raw, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count))
        }
        return self.afterClosing(code == 1 ? .taken : code == 0 ? .full : .failed)
    }

    /// Ends a COPY; with `error` the server throws the rows away.
    func putEnd(error: String?) -> Put {
        let code = self.afterClosing(PQputCopyEnd(self.raw, error))
        return code == 1 ? .taken : code == 0 ? .full : .failed
    }

    /// Appends the next row of a COPY to `buffer`.
    func get(into buffer: inout [UInt8]) -> Get {
        var start: UnsafeMutablePointer<CChar>?
        let count = self.afterClosing(PQgetCopyData(self.raw, &start, 1))
        defer { PQfreemem(start) }
        switch count {
        case 0: return .wouldBlock
        case -1: return .end
        case 1...:
            buffer.append(contentsOf: UnsafeRawBufferPointer(start: start, count: Int(count)))
            return .row
        default: return .failed
        }
    }
}

/// A pointer on its way to the loop that will free it.
private struct SendableRaw: @unchecked Sendable {
    let pointer: OpaquePointer?
    init(_ pointer: OpaquePointer?) { self.pointer = pointer }
}

/// A `PGresult`; nothing writes to it any more, so it may cross threads.
final class PostgresResult: @unchecked Sendable {
    // @unchecked: what is written to it after its making is written while one place alone holds it.
    enum Status {
        case rows, singleRow, command, copyIn, copyOut, copyBoth, empty, notRun, sync, failed

        init(of raw: OpaquePointer) {
            self =
                switch PQresultStatus(raw) {
                case PGRES_TUPLES_OK: .rows
                case PGRES_SINGLE_TUPLE: .singleRow
                case PGRES_COMMAND_OK: .command
                case PGRES_COPY_IN: .copyIn
                case PGRES_COPY_OUT: .copyOut
                case PGRES_COPY_BOTH: .copyBoth
                case PGRES_EMPTY_QUERY: .empty
                case PGRES_PIPELINE_ABORTED: .notRun
                case PGRES_PIPELINE_SYNC: .sync
                default: .failed
                }
        }
    }

    @exclusivity(unchecked) private var raw: OpaquePointer
    @exclusivity(unchecked) private(set) var rowCount: Int
    @exclusivity(unchecked) private(set) var columnCount: Int
    /// Of each column, where one row after the other has stood here; empty where none has.
    @exclusivity(unchecked) private var kinds: [Kind] = []
    private struct Kind {
        let type: UInt32
        let format: PostgresFormat
    }

    init(_ raw: OpaquePointer) {
        self.raw = raw
        self.rowCount = Int(PQntuples(raw))
        self.columnCount = Int(PQnfields(raw))
    }

    /// Becomes another result, which costs less than to make one; for who alone holds it.
    fileprivate func replace(with raw: OpaquePointer) {
        PQclear(self.raw)
        self.raw = raw
        self.rowCount = Int(PQntuples(raw))
        let columnCount = Int(PQnfields(raw))
        guard columnCount != self.columnCount || self.kinds.isEmpty else { return }
        self.columnCount = columnCount
        self.kinds = (0..<columnCount).map { Kind(type: self.type(column: $0), format: self.format(column: $0)) }
    }

    /// Makes a result that no server sent; `nil` where memory is out.
    convenience init?(columns: [String], texts: [[String?]]) {
        guard let raw = PQmakeEmptyPGresult(nil, PGRES_TUPLES_OK) else { return nil }
        var attributes = columns.map { name in
            var attribute = PGresAttDesc()
            attribute.name = strdup(name)
            return attribute
        }
        defer { attributes.forEach { free($0.name) } }
        PQsetResultAttrs(raw, Int32(columns.count), &attributes)
        for (row, texts) in texts.enumerated() {
            for (column, text) in texts.enumerated() {
                let bytes = text.map { Array($0.utf8CString) }
                var copy = bytes ?? [0]
                PQsetvalue(raw, Int32(row), Int32(column), &copy, bytes.map { Int32($0.count - 1) } ?? -1)
            }
        }
        self.init(raw)
    }

    deinit { PQclear(self.raw) }

    var status: Status { Status(of: self.raw) }

    /// The rows a command touched, as the last word of its tag; 0 for commands that count none.
    ///
    /// Not `PQcmdTuples`: of a tag that it does not understand it tells the connection, which may be gone.
    var affectedRows: Int {
        guard let tag = PQcmdStatus(self.raw) else { return 0 }
        return String(cString: tag).split(separator: " ").last.flatMap { Int($0) }.map { max(0, $0) } ?? 0
    }
    /// Whether it made the server forget what it had parsed for the session.
    var endsPlans: Bool {
        guard let tag = PQcmdStatus(self.raw), tag.pointee == 68 else { return false }  // D
        return strcmp(tag, "DISCARD ALL") == 0 || strcmp(tag, "DEALLOCATE ALL") == 0
    }
    var columns: [String] { (0..<Int32(self.columnCount)).map { String(cString: PQfname(self.raw, $0)) } }
    private func type(column: Int) -> UInt32 { PQftype(self.raw, Int32(column)) }
    private func format(column: Int) -> PostgresFormat { PQfformat(self.raw, Int32(column)) == 1 ? .binary : .text }

    /// The number of the column of that name, or `nil`.
    func column(named name: String) -> Int? {
        (0..<self.columnCount).first {
            name.withCString { [column = Int32($0)] in strcmp(PQfname(self.raw, column), $0) == 0 }
        }
    }

    /// A value, whose bytes live as long as the result; `nil` where there is no such column.
    @inline(__always)
    func cell(row: Int, column: Int) -> PostgresCell? {
        guard column >= 0, column < self.columnCount else { return nil }
        let bytes = self.bytes(Int32(row), Int32(column))
        if column < self.kinds.count {
            let kind = self.kinds[column]
            return PostgresCell(bytes: bytes, type: kind.type, format: kind.format)
        }
        return PostgresCell(bytes: bytes, type: self.type(column: column), format: self.format(column: column))
    }

    @inline(__always)
    private func bytes(_ row: Int32, _ column: Int32) -> UnsafeRawBufferPointer? {
        let count = PQgetlength(self.raw, row, column)  // 0 for NULL
        if count == 0, PQgetisnull(self.raw, row, column) == 1 { return nil }
        return UnsafeRawBufferPointer(start: PQgetvalue(self.raw, row, column), count: Int(count))
    }

    /// Why it failed: the server's errors carry a code, libpq's own tell that the connection was lost.
    var error: PostgresError {
        let sqlState = self.field(mw_diag_sqlstate)
        var error = PostgresError(
            sqlState == nil ? .connectionLost : .queryFailed,
            sqlState: sqlState,
            serverMessage: self.field(mw_diag_message) ?? String(cString: PQresultErrorMessage(self.raw)),
            detail: self.field(mw_diag_detail),
            hint: self.field(mw_diag_hint)
        )
        error.schema = self.field(mw_diag_schema)
        error.table = self.field(mw_diag_table)
        error.column = self.field(mw_diag_column)
        error.dataType = self.field(mw_diag_type)
        error.constraint = self.field(mw_diag_constraint)
        error.position = self.field(mw_diag_position).flatMap { Int($0) }
        return error
    }

    private func field(_ code: Int32) -> String? { PQresultErrorField(self.raw, code).map { String(cString: $0) } }
}

extension PostgresNotice {
    /// Reads a notice; libpq frees the result afterwards.
    fileprivate init(_ result: OpaquePointer) {
        func field(_ code: Int32) -> String? { PQresultErrorField(result, code).map { String(cString: $0) } }
        self.init(
            severity: field(mw_diag_severity) ?? "NOTICE",
            sqlState: field(mw_diag_sqlstate) ?? "00000",
            message: field(mw_diag_message) ?? ""
        )
    }
}

/// A `PGcancel`: what is needed to cancel whatever the connection runs, from any thread.
final class PostgresCanceller: @unchecked Sendable {
    // @unchecked: libpq documents PQcancel as safe from any thread; nothing else is done with it until it is freed.

    /// Cancel requests block until the server answers: each server has its threads, so that a frozen one holds up no other.
    private static let threads = Mutex<[String: BlockingThreads]>([:])
    private static let threadsPerServer = 8
    private let raw: OpaquePointer
    private let threads: BlockingThreads

    init?(_ connection: OpaquePointer?) {
        guard let raw = mw_cancel_create(connection) else { return nil }
        self.raw = raw
        let server = [PQhost(connection), PQport(connection)].map { $0.map { String(cString: $0) } ?? "" }
        self.threads = Self.threads.withLock { known in
            let name = server.joined(separator: ":")
            if let threads = known[name] { return threads }
            let threads = BlockingThreads(named: "millwright.cncl", limit: Self.threadsPerServer)
            known[name] = threads
            return threads
        }
    }

    deinit { mw_cancel_free(self.raw) }

    /// Sends the request on another thread, then calls `done` there.
    ///
    /// - Parameter done: is told whether the server has taken it; where not, it may still come to it.
    func send(done: @escaping @Sendable (_ isTaken: Bool) -> Void) {
        self.threads.run { done(mw_cancel_send(self.raw) == 1) }
    }
}

/// What libpq knows of connection strings.
enum Conninfo {
    /// The keywords and values of a URI or keyword string; throws libpq's words, which quote no password.
    static func parse(_ text: String) throws -> [(keyword: String, value: String)] {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(text, &message) else {
            PQfreemem(message)  // it may quote part of the string, password and all: not shown
            throw PostgresError(.usage, serverMessage: "the connection string is not understood")
        }
        return self.take(options)
    }

    /// Everything that libpq would use: the string's own values, then the service's, the environment's and its defaults.
    ///
    /// Only `PQconnectStart` knows them all. It stops at a wrong `sslmode` before it looks up or opens anything, and has them then.
    static func resolved(_ parameters: [(keyword: String, value: String)]) -> [String: String] {
        let poisoned = parameters.filter { $0.keyword != "sslmode" } + [("sslmode", "none of libpq's")]
        let connection = self.withPointers(to: poisoned) { PQconnectStartParams($0, $1, 0) }
        defer { PQfinish(connection) }
        guard let options = PQconninfo(connection) else { return [:] }
        var values = Dictionary(self.take(options).map { ($0.keyword, $0.value) }, uniquingKeysWith: { $1 })
        values["sslmode"] = nil
        return values.filter { !$0.value.isEmpty }
    }

    /// Keywords and values as libpq wants them: two lists that end with NULL.
    static func withPointers<Value>(
        to parameters: [(keyword: String, value: String)],
        _ body: ([UnsafePointer<CChar>?], [UnsafePointer<CChar>?]) -> Value
    ) -> Value {
        let keywords = parameters.map { strdup($0.keyword) }
        let values = parameters.map { strdup($0.value) }
        defer { (keywords + values).forEach { free($0) } }
        return body(keywords.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil])
    }

    private static func take(_ options: UnsafeMutablePointer<PQconninfoOption>) -> [(keyword: String, value: String)] {
        defer { PQconninfoFree(options) }
        var all: [(keyword: String, value: String)] = []
        var next = options
        while let keyword = next.pointee.keyword {
            if let value = next.pointee.val { all.append((String(cString: keyword), String(cString: value))) }
            next += 1
        }
        return all
    }

    /// A name in double quotes, as `PQescapeIdentifier` writes it.
    static func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
