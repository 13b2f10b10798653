// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightIO

/// An address that can be connected to without asking a name server.
enum ServerAddress: Sendable, Hashable {
    case tcp(address: String, port: Int)
    case unix(path: String)

    /// Threads for `getaddrinfo`, which blocks as long as name servers are silent.
    private static let lookups = BlockingThreads(named: "millwright.names", limit: 4)

    /// Finds the addresses of an endpoint, in the order in which the system prefers them.
    static func all(of endpoint: RedisConfiguration.Endpoint, within timeout: Duration) async throws -> [ServerAddress]
    {
        switch endpoint {
        case .unix(let path): return [.unix(path: path)]
        case .tcp(let host, let port):
            if Self.isNumeric(host) { return [.tcp(address: host, port: port)] }
            return try await Self.lookUp(host, within: timeout).map { .tcp(address: $0, port: port) }
        }
    }

    private static func isNumeric(_ host: String) -> Bool {
        var room = in6_addr()
        return inet_pton(AF_INET, host, &room) == 1 || inet_pton(AF_INET6, host, &room) == 1
    }

    /// The caller waits no longer than `timeout`; the thread may.
    private static func lookUp(_ host: String, within timeout: Duration) async throws -> [String] {
        try await NameLookup.shared.addresses(of: host, before: .after(timeout), on: Self.lookups)
    }
}

/// Waits for name look-ups on the event loop, each with its deadline.
actor NameLookup: Swept {
    static let shared = NameLookup()

    nonisolated var unownedExecutor: UnownedSerialExecutor { EventLoop.shared.asUnownedSerialExecutor() }
    private var waits: [(deadline: Deadline, pending: PendingReply<[String]>)] = []

    func addresses(
        of host: String,
        before deadline: Deadline,
        on threads: BlockingThreads,
        asking ask: @escaping @Sendable (String) throws -> [String] = numericAddresses
    ) async throws -> [String] {
        let pending = PendingReply<[String]>()
        return try await pending.wait {
            self.waits.append((deadline, pending))
            EventLoop.shared.sweep(self)
            threads.run {
                // It may have queued until nobody waited for it any more; others want the thread.
                if pending.isOver { return }
                pending.end(Result { try ask(host) })
            }
        }
    }

    func swept(at now: Deadline) -> Bool {
        for wait in self.waits where wait.deadline <= now {
            wait.pending.end(.failure(RedisError(.timedOut, hint: "The look-up of the host's name took too long.")))
        }
        self.waits.removeAll { $0.deadline <= now || $0.pending.isOver }
        return self.waits.isEmpty
    }
}

/// Asks the system; blocks.
private func numericAddresses(of host: String) throws -> [String] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, nil, &hints, &list)
    defer { if let list { freeaddrinfo(list) } }
    guard code == 0 else { throw RedisError(.nameNotFound, serverMessage: String(cString: gai_strerror(code))) }

    var addresses: [String] = []
    var next = list
    while let info = next {
        next = info.pointee.ai_next
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let status = getnameinfo(
            info.pointee.ai_addr,
            info.pointee.ai_addrlen,
            &text,
            socklen_t(text.count),
            nil,
            0,
            NI_NUMERICHOST
        )
        let address = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        if status == 0, !addresses.contains(address) { addresses.append(address) }
    }
    guard !addresses.isEmpty else { throw RedisError(.nameNotFound) }
    return addresses
}
