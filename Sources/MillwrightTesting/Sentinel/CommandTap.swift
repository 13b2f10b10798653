// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightIO
public import MillwrightRedis
import Synchronization

/// Listens to `MONITOR` on one server: every write of a ``FailoverLoad`` that the server runs, as long as it lets us listen.
///
/// ```swift
/// let tap = try CommandTap(on: .tcp(host: "127.0.0.1", port: 6_379))
/// print(tap.stamps.count)
/// tap.close()
/// ```
public final class CommandTap: Sendable {
    private static let threads = BlockingThreads(named: "millwright.taps", limit: 8)

    private let seen = Mutex<[Int]>([])
    private let descriptor: Int32

    /// Begins to listen; what the server runs after it has returned is heard.
    public init(on address: RedisConfiguration.Endpoint) throws {
        guard case .tcp(_, let port) = address else { throw RedisError(.usage, hint: "A tap needs a port.") }
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard self.descriptor >= 0 else { throw RedisError(.connectionFailed) }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = in_port_t(UInt16(port).bigEndian)
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        let command = "MONITOR\r\n"
        guard status == 0, send(self.descriptor, command, command.utf8.count, Int32(MSG_NOSIGNAL)) > 0 else {
            Glibc.close(self.descriptor)
            throw RedisError(.connectionFailed)
        }
        // Its +OK is the first that is read: what runs later is heard.
        var answer = [UInt8](repeating: 0, count: 5)
        _ = recv(self.descriptor, &answer, 5, Int32(MSG_WAITALL))
        Self.threads.run { self.listen() }
    }

    /// The stamps of the writes that the server ran: nanoseconds since the load's start, when each was handed to the client.
    public var stamps: [Int] { self.seen.withLock { $0 } }

    /// Stops to listen.
    public func close() { shutdown(self.descriptor, Int32(SHUT_RDWR)) }

    private func listen() {
        var rest: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(self.descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            rest += buffer[..<count]
            guard let end = rest.lastIndex(of: 0x0A) else { continue }
            let stamps = rest[..<end].split(separator: 0x0A).compactMap(Self.stamp)
            rest.removeFirst(end + 1)
            self.seen.withLock { $0 += stamps }
        }
        Glibc.close(self.descriptor)
    }

    // … [0 127.0.0.1:50814] "SET" "failover:3" "3:17:123456"
    private static func stamp(_ line: ArraySlice<UInt8>) -> Int? {
        let text = String(decoding: line, as: UTF8.self)
        guard text.contains("\"SET\" \"\(FailoverLoad.keyPrefix)"), let colon = text.lastIndex(of: ":") else {
            return nil
        }
        return Int(text[text.index(after: colon)...].prefix { $0.isNumber })
    }
}
