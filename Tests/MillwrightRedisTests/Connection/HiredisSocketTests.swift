// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightTesting
import Testing

@testable import MillwrightRedis

@Suite("A socket to Redis", .timeLimit(.minutes(1)))
struct HiredisSocketTests {
    @Test("is silent while nothing comes: neither bytes nor an end nor a reset")
    func silence() throws {
        let listener = try Listener(port: ())
        for isReset in [false, true] {
            let socket = try HiredisSocket(address: "127.0.0.1", port: listener.port)
            let peer = listener.accept()
            #expect(socket.isSilent)
            _ = send(peer, "x", 1, Int32(MSG_NOSIGNAL))
            self.await(socket)
            #expect(!socket.isSilent)
            _ = socket.read { _ in }
            #expect(socket.isSilent)

            if isReset {
                var atOnce = linger(l_onoff: 1, l_linger: 0)
                setsockopt(peer, SOL_SOCKET, SO_LINGER, &atOnce, socklen_t(MemoryLayout<linger>.size))
            }
            close(peer)
            self.await(socket)

            #expect(!socket.isSilent, "reset: \(isReset)")
        }
    }

    @Test("of a server whose queue is full was never connected, and says so")
    func fullQueue() async throws {
        let path = "/tmp/millwright-full-\(getpid()).sock"
        let listener = try Listener(path: path)
        defer { unlink(path) }
        var waiting: [Int32] = []
        defer { for descriptor in waiting { close(descriptor) } }
        while let descriptor = listener.connectAtOnce() { waiting.append(descriptor) }
        var configuration = RedisConfiguration(endpoint: .unix(path: path))
        configuration.connectTimeout = .seconds(20)

        let error = await redisError { _ = try await RedisConnection.connect(configuration) }

        #expect(!waiting.isEmpty)
        #expect(error?.code == .connectionFailed)
    }

    /// Waits until something has come; the test's time limit bounds it.
    private func await(_ socket: HiredisSocket) {
        var entry = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&entry, 1, -1) < 0 {}
    }
}

/// Listens, and takes those only whom it is told to take.
private final class Listener {
    private let descriptor: Int32
    private let path: String
    private(set) var port = 0

    init(port: Void) throws {
        self.path = ""
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = self.descriptor
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 4) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        try #require(isBound)
        self.port = Int(UInt16(bigEndian: address.sin_port))
    }

    init(path: String) throws {
        self.path = path
        self.descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        unlink(path)
        let descriptor = self.descriptor
        try #require(Self.withAddress(path) { bind(descriptor, $0, $1) == 0 && listen(descriptor, 0) == 0 })
    }

    deinit { close(self.descriptor) }

    func accept() -> Int32 { Glibc.accept(self.descriptor, nil, nil) }

    /// A connection that waits to be accepted; `nil` where no more may wait.
    func connectAtOnce() -> Int32? {
        let client = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        if Self.withAddress(self.path, { connect(client, $0, $1) == 0 }) { return client }
        close(client)
        return nil
    }

    private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }
}
