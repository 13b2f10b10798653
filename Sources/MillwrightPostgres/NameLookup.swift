// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightIO

/// Looks host names up, away from the event loop: libpq would block on them.
enum NameLookup {
    static let threads = BlockingThreads(named: "millwright.dns", limit: 8)

    /// Whether a host needs no look-up: a socket's folder, or an abstract socket.
    static func isSocket(_ host: String) -> Bool { host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") }

    /// Looks a name up on another thread and calls `done` there, with no address where the name is unknown.
    ///
    /// - Parameter isOver: asked there before; where nobody waits for the answer any more, others want the thread.
    static func resolve(
        _ host: String,
        on threads: BlockingThreads = Self.threads,
        unless isOver: @escaping @Sendable () -> Bool,
        done: @escaping @Sendable ([String]) -> Void
    ) {
        threads.run { if !isOver() { done(self.addresses(of: host)) } }
    }

    private static func addresses(of host: String) -> [String] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [String] = []
        var next = list
        while let entry = next?.pointee {
            var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(
                entry.ai_addr,
                entry.ai_addrlen,
                &buffer,
                socklen_t(buffer.count),
                nil,
                0,
                NI_NUMERICHOST
            ) == 0 {
                let address = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                if !found.contains(address) { found.append(address) }
            }
            next = entry.ai_next
        }
        return found
    }
}
