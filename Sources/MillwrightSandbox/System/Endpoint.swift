// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

package import Glibc

/// A place where a server listens: a Unix socket or a loopback port.
package enum Endpoint: Sendable, Hashable {
    case socket(String)
    case port(Int)

    /// Whether something accepts a connection there, and answers `question` (if one is given) with `answer`.
    func answers(_ question: String = "", with answer: String = "", limit: Duration = .milliseconds(500)) async -> Bool
    {
        let descriptor = self.connect()
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard (try? await Wait.until(limit, every: .milliseconds(5), { Self.isReady(descriptor, POLLOUT) })) == true,
            Self.error(of: descriptor) == 0
        else { return false }
        guard !question.isEmpty else { return true }
        guard Glibc.send(descriptor, question, question.utf8.count, Int32(MSG_NOSIGNAL)) > 0,
            (try? await Wait.until(limit, every: .milliseconds(5), { Self.isReady(descriptor, POLLIN) })) == true
        else { return false }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = Glibc.recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 && String(decoding: buffer[..<count], as: UTF8.self).hasPrefix(answer)
    }

    // Nothing here blocks: the caller's thread is one of the few that run all tasks.
    private func connect() -> Int32 {
        let family = if case .socket = self { AF_UNIX } else { AF_INET }
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = Glibc.socket(family, kind, 0)
        guard descriptor >= 0 else { return -1 }
        let result = self.withAddress { Glibc.connect(descriptor, $0, $1) }
        if result == 0 || errno == EINPROGRESS { return descriptor }
        close(descriptor)
        return -1
    }

    private static func isReady(_ descriptor: Int32, _ events: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        return poll(&entry, 1, 0) > 0
    }

    private static func error(of descriptor: Int32) -> Int32 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno
    }

    package func withAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        switch self {
        case .socket(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        case .port(let port):
            var address = Self.loopback(port: port)
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
    }

    static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr = in_addr(s_addr: in_addr_t(0x7F00_0001).bigEndian)
        return address
    }
}
