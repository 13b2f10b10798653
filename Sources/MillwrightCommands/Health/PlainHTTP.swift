// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightCore
import MillwrightIO

/// Asks one question over HTTP/1.1, in plain text, and reads one answer: what a prober on this machine does.
///
/// Every step waits until the deadline at most, and it all happens on a thread of its own.
struct PlainHTTP: Sendable {
    /// What came back.
    struct Answer: Sendable, Hashable {
        var status: Int
        var body: String
    }

    /// What stopped it: words, without anything that the other side sent.
    struct Failure: Error, Hashable {
        var reason: String
    }

    let host: String
    let port: UInt16
    let path: String

    private static let threads = BlockingThreads(named: "millwright.http", limit: 2)
    private static let largestBytes = 1_000_000

    /// Reads `http://host[:port][/path]`; `nil` where it is something else.
    init?(_ url: String) {
        guard url.lowercased().hasPrefix("http://") else { return nil }
        let rest = url.dropFirst("http://".count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.isEmpty, !authority.contains("@") else { return nil }
        let path = rest.dropFirst(authority.count).prefix { $0 != "#" }
        let isBracketed = authority.first == "["
        let hostEnd =
            isBracketed ? authority.firstIndex(of: "]").map(authority.index(after:)) : authority.lastIndex(of: ":")
        let host = authority[..<(hostEnd ?? authority.endIndex)]
        let port = authority[(hostEnd ?? authority.endIndex)...]
        guard let number = port.isEmpty ? 80 : UInt16(port.dropFirst()) else { return nil }
        self.host = String(host.filter { $0 != "[" && $0 != "]" })
        self.port = number
        self.path = path.first == "/" ? String(path) : "/" + path
    }

    /// Asks, and waits for the answer until `timeout` is over.
    func get(fields: [(name: String, value: String)], timeout: Duration) async throws -> Answer {
        let deadline = ContinuousClock.now + timeout
        let result = await withCheckedContinuation { (waiter: CheckedContinuation<Result<Answer, Failure>, Never>) in
            Self.threads.run {
                waiter.resume(returning: Result { () throws(Failure) in try self.exchange(fields, deadline) })
            }
        }
        return try result.get()
    }

    private func exchange(_ fields: [(name: String, value: String)], _ deadline: ContinuousClock.Instant)
        throws(Failure)
        -> Answer
    {
        let descriptor = try self.connected(deadline)
        defer { close(descriptor) }
        let all = [("Host", "\(self.host):\(self.port)"), ("Connection", "close")] + fields.map { ($0.name, $0.value) }
        let head = all.map { "\($0.0): \($0.1)\r\n" }.joined()
        try Self.write(Array("GET \(self.path) HTTP/1.0\r\n\(head)\r\n".utf8), to: descriptor, deadline)
        let bytes = try Self.read(descriptor, deadline)
        guard let answer = Answer(String(decoding: bytes, as: UTF8.self)) else {
            throw Failure(reason: "What answers there does not speak HTTP.")
        }
        return answer
    }
}

extension PlainHTTP {
    private func connected(_ deadline: ContinuousClock.Instant) throws(Failure) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(self.host, "\(self.port)", &hints, &list) == 0, let first = list else {
            throw Failure(reason: "The host's name leads to no address.")
        }
        defer { freeaddrinfo(first) }
        var reason = Failure(reason: "Nothing listens at that address.")
        for address in sequence(first: first, next: { $0.pointee.ai_next }) {
            do { return try Self.connected(to: address.pointee, deadline) } catch { reason = error }
        }
        throw reason
    }

    private static func connected(to address: addrinfo, _ deadline: ContinuousClock.Instant) throws(Failure) -> Int32 {
        let kind = address.ai_socktype | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.ai_family, kind, address.ai_protocol)
        guard descriptor >= 0 else { throw Failure(reason: "No socket could be made.") }
        do throws(Failure) {
            if connect(descriptor, address.ai_addr, address.ai_addrlen) != 0 {
                guard errno == EINPROGRESS else { throw Failure(reason: "Nothing listens at that address.") }
                try Self.wait(descriptor, for: POLLOUT, deadline)
                var code: Int32 = 0
                var length = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
                guard code == 0 else { throw Failure(reason: "Nothing listens at that address.") }
            }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, _ deadline: ContinuousClock.Instant)
        throws(Failure)
    {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                try Self.wait(descriptor, for: POLLOUT, deadline)
            } else {
                throw Failure(reason: "The connection broke.")
            }
        }
    }

    private static func read(_ descriptor: Int32, _ deadline: ContinuousClock.Instant) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while bytes.count < Self.largestBytes {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count == 0 { break }
            if count > 0 {
                bytes += chunk[..<count]
            } else if errno == EAGAIN {
                try Self.wait(descriptor, for: POLLIN, deadline)
            } else {
                throw Failure(reason: "The connection broke.")
            }
        }
        return bytes
    }

    private static func wait(_ descriptor: Int32, for event: Int32, _ deadline: ContinuousClock.Instant) throws(Failure)
    {
        let left = Int32(clamping: Int((deadline - .now) / .milliseconds(1)))
        var poll = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        guard left > 0, Glibc.poll(&poll, 1, left) > 0 else { throw Failure(reason: "It did not answer in time.") }
    }
}

extension PlainHTTP.Answer {
    /// Reads a whole response; `nil` where it is none.
    init?(_ text: String) {
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        let line = text[..<end.lowerBound].prefix { $0 != "\r\n" }.split(separator: " ")
        guard line.count > 1, line[0].hasPrefix("HTTP/1."), let status = Int(line[1]) else { return nil }
        self.init(status: status, body: String(text[end.upperBound...]))
    }
}
