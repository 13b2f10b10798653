// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightSandbox

/// A real private server and the way to it, each with its faults.
///
/// ```swift
/// let servers = try await TestServers.private(.redisOnly)
/// try await servers.withFaults(on: "redis") { redis in
///     try await redis.server.stop()              // kill, stop, continue, restart: what befalls the server
///     try await redis.server.continue()
///     await redis.network.hold(.replies)         // refuse, hang, hold, slow down, cut, inject: what befalls the way to it
///     try await redis.network.resume()
///     print(redis.url())
/// }
/// try await servers.remove()
/// ```
public struct FaultyServer: Sendable {
    /// The server: kill it, stop it (SIGSTOP), let it continue, restart it.
    public let server: PrivateServer
    /// The way to it: refuse, hang, hold, slow down, cut, inject, resume.
    public let network: FaultProxy
    private let kind: ServerKind

    init(server: PrivateServer, kind: ServerKind, network: FaultProxy) {
        self.server = server
        self.kind = kind
        self.network = network
    }

    /// Where clients connect to have the faults of both.
    ///
    /// - Parameters:
    ///   - role: who connects to a PostgreSQL.
    ///   - database: the database, or the number of Redis's.
    public func url(role: String = "app", database: String? = nil) -> String {
        guard case .port(let port) = self.network.address else { return "" }
        guard self.kind.isPostgresFamily else { return "redis://127.0.0.1:\(port)/\(database ?? "0")" }
        return "postgres://\(role)@127.0.0.1:\(port)/\(database ?? "app")?sslmode=disable&gssencmode=disable"
    }
}

extension TestServers {
    /// Puts a proxy before a server for as long as `body` runs.
    ///
    /// The faults of the way touch nobody but the clients of the proxy, so a server that is shared can be used; for the faults
    /// of a server take one of your own with ``private(_:)``.
    ///
    /// - Parameter name: which server: `"postgres"`, `"redis"`, `"standby"`.
    /// - Throws: what `body` throws; ``FaultProxyError``.
    public func withFaults<Value: Sendable>(
        on name: String,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (FaultyServer) async throws -> Value
    ) async throws -> Value {
        guard let found = self.state[name] else { throw FaultProxyError(reason: "there is no server \(name)") }
        let address = found.socket.map { FaultProxy.Address.socket($0) } ?? .port(found.port ?? 0)
        let network = try await FaultProxy.start(to: address)
        let server = FaultyServer(server: self.server(name), kind: found.kind, network: network)
        let result: Result<Value, any Error>
        do { result = .success(try await body(server)) } catch { result = .failure(error) }
        await network.close()
        return try result.get()
    }
}
