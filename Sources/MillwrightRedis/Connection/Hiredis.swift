// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import CHiredis
import Glibc
import MillwrightIO

// The one file that knows hiredis.
//
// hiredis makes the socket and parses what comes; writing and the book of who waits for what are ours. Its own event
// adapter (async.h) is not used, because it writes without MSG_NOSIGNAL, moves the rest of its buffer at each partial write
// (seconds for values of megabytes), calls a subscription's callback any number of times, and stops the whole program
// by an assertion when a server says something unasked.

/// A socket that hiredis connects; closed once, by `close()` or with its owner.
final class HiredisSocket: @unchecked Sendable {
    // @unchecked: used on the event loop only, but it can be let go on any thread.

    enum ReadResult: Equatable { case bytes(Int), nothingYet, ended(reason: String) }
    enum WriteResult: Equatable { case bytes(Int), full, ended(reason: String) }

    private var context: UnsafeMutablePointer<redisContext>?
    #if RedisTLS
    private var tls: HiredisTLS?
    #endif
    private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)

    /// Begins to connect to a numeric address.
    convenience init(address: String, port: Int) throws {
        try self.init(redisConnectNonBlock(address, Int32(port)))
        if let context { redisEnableKeepAlive(context) }
    }

    /// Begins to connect to a Unix socket.
    convenience init(path: String) throws { try self.init(redisConnectUnixNonBlock(path)) }

    private init(_ context: UnsafeMutablePointer<redisContext>?) throws {
        self.context = context
        guard let context else { throw RedisError(.connectionFailed, serverMessage: "out of memory") }
        guard context.pointee.err == 0 else {
            let reason = withUnsafeBytes(of: context.pointee.errstr) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            self.close()
            throw RedisError(.connectionFailed, serverMessage: reason)
        }
    }

    deinit {
        self.close()
        self.scratch.deallocate()
    }

    /// The file descriptor, -1 once closed.
    var descriptor: Int32 { self.context?.pointee.fd ?? -1 }

    /// Whether nothing has come: no byte, no end, no reset; costs a system call that does not wait and reads nothing.
    var isSilent: Bool {
        var byte: UInt8 = 0
        let count = recv(self.descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
        // The error of a reset is told once: whoever asks again, such as the loop, finds an end only.
        return count < 0 && (errno == EAGAIN || errno == EINTR)
    }

    func close() {
        guard let context else { return }
        self.context = nil
        #if RedisTLS
        self.tls = nil
        #endif
        redisFree(context)
    }

    /// The error with which connecting ended, once the socket says that it is ready; `nil` where it is connected.
    func connectError() -> String? {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        let status = getsockopt(self.descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        if status != 0 { code = errno }
        // Where the queue of a Unix socket is full connecting has never begun, which hiredis takes for under way: no error is kept.
        if code == 0, !self.hasPeer { code = errno }
        return code == 0 ? nil : Self.text(code)
    }

    private var hasPeer: Bool {
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutableBytes(of: &address) { bytes in
            getpeername(self.descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), &size) == 0
        }
    }

    /// Begins to encrypt, once connected.
    func encrypt(_ settings: RedisTLSSettings, host: String?) throws {
        #if RedisTLS
        if let context { self.tls = try HiredisTLS(settings, host: host, on: context) }
        #else
        throw RedisTLSSettings.missing
        #endif
    }

    /// When the server's certificate ends, in seconds since 1970-01-01 00:00 UTC; `nil` without TLS.
    var certificateEnd: Double? {
        #if RedisTLS
        return self.context == nil ? nil : self.tls?.certificateEnd
        #else
        return nil
        #endif
    }

    /// What must be waited for before bytes that were taken can leave; `nil` where all have left.
    var pendingWrite: EventLoop.Readiness? {
        #if RedisTLS
        guard let tls, tls.isWriting else { return nil }
        return tls.isAgreed ? .write : .read
        #else
        return nil
        #endif
    }

    /// Reads once, and hands what came to `body`.
    func read(_ body: (UnsafeRawBufferPointer) -> Void) -> ReadResult {
        let result = self.readOnce()
        if case .bytes(let count) = result { body(UnsafeRawBufferPointer(rebasing: self.scratch[..<count])) }
        return result
    }

    private func readOnce() -> ReadResult {
        #if RedisTLS
        if let tls { return tls.read(into: self.scratch) }
        #endif
        while true {
            let count = Glibc.read(self.descriptor, self.scratch.baseAddress, self.scratch.count)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .ended(reason: "the server closed the connection") }
            if errno == EAGAIN { return .nothingYet }
            if errno != EINTR { return .ended(reason: Self.text(errno)) }
        }
    }

    /// Writes what the socket takes.
    func write(_ bytes: UnsafeRawBufferPointer) -> WriteResult {
        #if RedisTLS
        if let tls { return tls.write(bytes) }
        #endif
        while true {
            let count = send(self.descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return .bytes(count) }
            if errno == EAGAIN { return .full }
            if errno != EINTR { return .ended(reason: Self.text(errno)) }
        }
    }

    /// Whether one read fills the scratch, so that more may wait.
    func filled(by count: Int) -> Bool { count == self.scratch.count }

    private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}

/// hiredis' parser, which builds our values straight from its buffer.
final class HiredisReader {
    private let reader: UnsafeMutablePointer<redisReader>
    private let assembly = ReplyAssembly()

    /// Whether it understands the newer protocol, which a connection must ask its server for.
    static let readsRESP3 = MW_HIREDIS_READS_RESP3 != 0

    /// Whether all that came was read; otherwise an answer has begun and not ended.
    private(set) var isAtRest = true
    /// Why the bytes made no sense; nothing can be read after that.
    private(set) var failure: String?

    init() {
        // hiredis answers nil only where memory has run out, as every allocation of Swift would stop, too.
        self.reader = redisReaderCreateWithFunctions(Self.functions)!
        self.reader.pointee.privdata = Unmanaged.passUnretained(self.assembly).toOpaque()
    }

    deinit { redisReaderFree(self.reader) }

    func feed(_ bytes: UnsafeRawBufferPointer) {
        if redisReaderFeed(self.reader, bytes.baseAddress, bytes.count) != REDIS_OK { self.fail() }
    }

    /// The next whole answer, `nil` until more bytes come or after a failure.
    func next() -> RedisValue? {
        guard self.failure == nil else { return nil }
        while true {
            let isEmpty = self.reader.pointee.pos == self.reader.pointee.len
            var token: UnsafeMutableRawPointer?
            guard redisReaderGetReply(self.reader, &token) == REDIS_OK else {
                self.fail()
                return nil
            }
            guard token != nil else {
                // Where nothing was there to be read, it stays as it was.
                if !isEmpty { self.isAtRest = false }
                return nil
            }
            self.isAtRest = true
            // What only says something about the answer that follows is none.
            if let value = self.assembly.take() { return value }
        }
    }

    private func fail() {
        self.failure = withUnsafeBytes(of: self.reader.pointee.errstr) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// Called for each piece that hiredis meets; what they return is only looked at for being nil, and is never freed.
    nonisolated(unsafe) private static let functions: UnsafeMutablePointer<redisReplyObjectFunctions> = {
        let functions = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        functions.initialize(to: redisReplyObjectFunctions())
        functions.pointee.createString = { task, start, count in
            HiredisReader.add(task) {
                ReplyAssembly.value(type: $0, UnsafeRawBufferPointer(start: start, count: count))
            }
        }
        functions.pointee.createInteger = { task, number in HiredisReader.add(task) { _ in .integer(Int(number)) } }
        functions.pointee.createNil = { task in HiredisReader.add(task) { _ in .null } }
        functions.pointee.createArray = { task, count in
            guard let task, let assembly = task.pointee.privdata else { return nil }
            let isTaken = Unmanaged<ReplyAssembly>.fromOpaque(assembly).takeUnretainedValue().open(
                ReplyAssembly.kind(type: task.pointee.type),
                count: Int(count)
            )
            return isTaken ? assembly : nil  // an error for hiredis, which then reads no further
        }
        mw_hiredis_set_resp3(
            functions,
            { task, number, _, _ in HiredisReader.add(task) { _ in .double(number) } },
            { task, truth in HiredisReader.add(task) { _ in .bool(truth != 0) } }
        )
        functions.pointee.freeObject = { _ in }
        return functions
    }()

    private static func add(
        _ task: UnsafePointer<redisReadTask>?,
        _ value: (Int32) -> RedisValue
    ) -> UnsafeMutableRawPointer? {
        guard let task, let assembly = task.pointee.privdata else { return nil }
        Unmanaged<ReplyAssembly>.fromOpaque(assembly).takeUnretainedValue().add(value(task.pointee.type))
        return assembly
    }
}

extension ReplyAssembly {
    fileprivate static func value(type: Int32, _ bytes: UnsafeRawBufferPointer) -> RedisValue {
        switch type {
        case REDIS_REPLY_STATUS where bytes.elementsEqual("OK".utf8): .status("OK")
        case REDIS_REPLY_STATUS: .status(String(decoding: bytes, as: UTF8.self))
        case REDIS_REPLY_ERROR: .error(RedisError(server: String(decoding: bytes, as: UTF8.self)))
        case REDIS_REPLY_BIGNUM: .bigNumber(String(decoding: bytes, as: UTF8.self))
        // Three letters and a colon come before the text.
        case REDIS_REPLY_VERB:
            .verbatim(
                format: String(decoding: bytes.prefix(3), as: UTF8.self),
                Array(bytes.dropFirst(4))
            )
        default: .bulk(Array(bytes))
        }
    }

    fileprivate static func kind(type: Int32) -> Kind {
        switch type {
        case REDIS_REPLY_MAP: .map
        case REDIS_REPLY_SET: .set
        case REDIS_REPLY_PUSH: .push
        case REDIS_REPLY_ATTR: .attribute
        default: .array
        }
    }
}
