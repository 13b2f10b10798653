// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightSandbox

/// The system calls of a proxy; none of them blocks.
enum ProxySocket {
    /// What became of an attempt to read or to write.
    enum Outcome { case bytes(Int), notNow, end, failed }

    private static let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)

    /// Listens at an endpoint; a port that has just been left can be taken again.
    static func listen(at endpoint: Endpoint) throws -> Int32 {
        let descriptor = try self.make(endpoint)
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        if case .socket(let path) = endpoint { unlink(path) }
        guard endpoint.withAddress({ Glibc.bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 128) == 0 else {
            throw self.failure(closing: descriptor)
        }
        return descriptor
    }

    /// The port that the system chose for a listening socket.
    static func port(of descriptor: Int32) -> Int {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        return Int(in_port_t(bigEndian: address.sin_port))
    }

    /// Takes the next connection that waits, or `nil`.
    static func accept(_ listener: Int32) -> Int32? {
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        self.sendAtOnce(descriptor)
        return descriptor
    }

    /// Begins to connect; a failure shows at the first write.
    static func connect(to endpoint: Endpoint) throws -> Int32 {
        let descriptor = try self.make(endpoint)
        guard endpoint.withAddress({ Glibc.connect(descriptor, $0, $1) }) == 0 || errno == EINPROGRESS else {
            throw self.failure(closing: descriptor)
        }
        self.sendAtOnce(descriptor)
        return descriptor
    }

    /// Reads once, at most 64 KB.
    static func read(_ descriptor: Int32, into bytes: inout ArraySlice<UInt8>) -> Outcome {
        var code: Int32 = 0
        let taken = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            let result = Glibc.recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if result < 0 { code = errno }
            count = max(0, result)
        }
        bytes = taken[...]
        if !taken.isEmpty { return .bytes(taken.count) }
        return code == 0 ? .end : code == EAGAIN ? .notNow : .failed
    }

    static func write(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Outcome {
        let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if count >= 0 { return .bytes(count) }
        return [EAGAIN, ENOTCONN].contains(errno) ? .notNow : .failed
    }

    static func finish(_ descriptor: Int32) { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Closes; with `.reset` the other end learns it as an error, not as an end.
    static func close(_ descriptor: Int32, _ cut: FaultProxy.Cut) {
        if cut == .reset {
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        }
        Glibc.close(descriptor)
    }

    private static func make(_ endpoint: Endpoint) throws -> Int32 {
        let family = if case .socket = endpoint { AF_UNIX } else { AF_INET }
        let descriptor = Glibc.socket(family, self.kind, 0)
        guard descriptor >= 0 else { throw self.failure(closing: -1) }
        return descriptor
    }

    // Without it a trickle would be gathered into larger pieces.
    private static func sendAtOnce(_ descriptor: Int32) {
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func failure(closing descriptor: Int32) -> FaultProxyError {
        let reason = String(cString: strerror(errno))
        if descriptor >= 0 { Glibc.close(descriptor) }
        return FaultProxyError(reason: reason)
    }
}
