// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import NIOCore

/// Sockets below any client library.
enum LoopbackSocket {
    /// Connects to a port of 127.0.0.1; `nil` where nobody listens.
    ///
    /// The caller closes the descriptor.
    static func connect(to port: Int) -> Int32? {
        guard let address = try? SocketAddress(ipAddress: "127.0.0.1", port: port) else { return nil }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if address.withSockAddr({ Glibc.connect(descriptor, $0, socklen_t($1)) }) == 0 { return descriptor }
        close(descriptor)
        return nil
    }
}
