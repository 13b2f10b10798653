// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightRedis
import Synchronization

/// A Redis server of a test's own, on a Unix socket in a folder of its own; killed when it is let go.
final class PrivateRedis: Sendable {
    private let process: Mutex<pid_t>
    private let words: [String]
    let folder: String
    let socket: String

    var pid: pid_t { self.process.withLock { $0 } }
    var url: String { "unix://\(self.socket)" }

    /// A configuration with waits that suit tests: long for what must work, to be shortened for what must not.
    var configuration: RedisConfiguration {
        var configuration = RedisConfiguration(endpoint: .unix(path: self.socket))
        configuration.connectTimeout = .seconds(10)
        configuration.commandTimeout = .seconds(10)
        configuration.acquireTimeout = .seconds(10)
        return configuration
    }

    init(_ options: String...) async throws {
        var template = Array("/tmp/millwright-redis-XXXXXX".utf8CString)
        _ = mkdtemp(&template)
        self.folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        self.socket = "\(self.folder)/redis.sock"
        self.words =
            ["redis-server", "--port", "0", "--unixsocket", self.socket, "--dir", self.folder, "--save", ""]
            + ["--logfile", "\(self.folder)/log"] + options
        self.process = Mutex(try Self.spawn(self.words))
        try await self.waitUntilReady()
    }

    deinit {
        self.kill()
        for name in ["redis.sock", "log", "dump.rdb", "users.acl"] { unlink("\(self.folder)/\(name)") }
        rmdir(self.folder)
    }

    func signal(_ signal: Int32) { _ = Glibc.kill(self.pid, signal) }

    /// Kills the server and returns when it is gone.
    func kill() {
        self.signal(SIGKILL)
        var status: Int32 = 0
        waitpid(self.pid, &status, 0)
    }

    /// Starts the server anew, on the same socket, after it was killed.
    func restart() async throws {
        let pid = try Self.spawn(self.words)
        self.process.withLock { $0 = pid }
        try await self.waitUntilReady()
    }

    /// Stops the server where it stands, and returns when it does.
    func freeze() {
        self.signal(SIGSTOP)
        var status: Int32 = 0
        waitpid(self.pid, &status, WUNTRACED)
    }

    func thaw() { self.signal(SIGCONT) }

    private func waitUntilReady() async throws {
        for _ in 0..<1_000 {
            if let connection = try? await RedisConnection.connect(self.configuration) {
                await connection.close()
                return
            }
            if await self.isUpButRefusing() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw RedisError(.connectionFailed, hint: "The private server did not start: see \(self.folder)/log.")
    }

    private func isUpButRefusing() async -> Bool {
        do {
            _ = try await RedisConnection.connect(self.configuration)
            return true
        } catch let error as RedisError {
            return [.noAuthentication, .loading, .noPermission].contains(error.code)
        } catch {
            return false
        }
    }

    private static func spawn(_ words: [String]) throws -> pid_t {
        var words = words.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_RDWR, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_RDWR, 0)
        var pid = pid_t()
        guard posix_spawnp(&pid, "redis-server", &actions, nil, &words, environ) == 0 else {
            throw RedisError(.connectionFailed, hint: "redis-server is not installed: make setup.")
        }
        return pid
    }
}
