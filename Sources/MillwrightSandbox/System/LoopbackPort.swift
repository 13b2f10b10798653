// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// Ports of 127.0.0.1 that nobody listens on.
package enum LoopbackPort {
    /// Returns a port that can be bound now: this one, or for 0 any that the kernel picks.
    package static func free(_ wanted: Int = 0) -> Int? {
        guard (0...65_535).contains(wanted) else { return nil }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // As servers do: a port whose last connections are still in TIME_WAIT is free to them.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = Endpoint.loopback(port: wanted)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                guard bind(descriptor, pointer, size) == 0, getsockname(descriptor, pointer, &size) == 0 else {
                    return false
                }
                return true
            }
        } ? Int(in_port_t(bigEndian: address.sin_port)) : nil
    }

    /// Chooses the port of a server: the one it had before, the one asked for, or a free one that is not in `taken`.
    static func choose(asked: Int?, before: Int?, taken: Set<Int>, server: String) throws -> Int? {
        guard let asked else { return nil }
        if asked != 0 {
            if let port = Self.free(asked) { return port }
            throw SandboxError(
                .portTaken,
                tried: "Tried to start \(server) on 127.0.0.1:\(asked).",
                stopped: "Another program listens on that port.",
                next: "Stop that program, or choose another port (0 takes a free one)."
            )
        }
        if let before, !taken.contains(before), let port = Self.free(before) { return port }
        for _ in 0..<20 {
            if let port = Self.free(), !taken.contains(port) { return port }
        }
        throw Files.unusable("find a free port for \(server)")
    }
}
