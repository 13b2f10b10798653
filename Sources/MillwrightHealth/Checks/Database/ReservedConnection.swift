// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightPostgres
import Synchronization

/// One connection that nobody but health checks use; opened when first asked for, and again after it broke.
///
/// Two checks that ask at the same moment have a connection each, and the later one is kept.
///
/// ```swift
/// import MillwrightPostgres
///
/// let server = ReservedConnection(PostgresConfiguration("postgres://app@/erp"))
/// let result = try await DatabaseHealth(server: server).run()
/// await server.close()
/// ```
public final class ReservedConnection: Sendable {
    private let configuration: PostgresConfiguration
    private let current = Mutex<PostgresConnection?>(nil)

    /// Prepares a connection; none is made before it is asked for.
    public init(_ configuration: PostgresConfiguration) {
        var configuration = configuration
        configuration.applicationName = "millwright health"
        // A server that does not answer the question will not answer the request to forget it either.
        configuration.cancelGrace = .milliseconds(20)
        self.configuration = configuration
    }

    /// Runs a statement, connecting first where there is no connection; both together take at most `timeout`.
    func query(_ sql: SQL, timeout: Duration) async throws -> Rows {
        try await self.withConnection(timeout: timeout) { try await $0.query(sql, timeout: $1) }
    }

    /// Lends the connection, with the time that is left.
    func withConnection<Value: Sendable>(
        timeout: Duration,
        _ body: (PostgresConnection, _ left: Duration) async throws -> Value
    ) async throws -> Value {
        let end = ContinuousClock.now + timeout
        let connection = try await self.connection(timeout: timeout)
        do {
            let value = try await body(connection, max(.milliseconds(1), end - .now))
            await self.exchange(for: connection)?.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    /// When the server's certificate ends; `nil` without TLS.
    func certificateEnd(timeout: Duration) async throws -> Double? {
        try await self.withConnection(timeout: timeout) { connection, _ in await connection.serverCertificateEnd }
    }

    /// Closes the connection; the next question opens another.
    public func close() async { await self.exchange(for: nil)?.close() }

    private func connection(timeout: Duration) async throws -> PostgresConnection {
        if let kept = self.exchange(for: nil), await kept.isUsable { return kept }
        var configuration = self.configuration
        configuration.connectTimeout = min(configuration.connectTimeout, timeout)
        return try await PostgresConnection.connect(configuration)
    }

    private func exchange(for connection: PostgresConnection?) -> PostgresConnection? {
        self.current.withLock { current in
            defer { current = connection }
            return current
        }
    }
}
