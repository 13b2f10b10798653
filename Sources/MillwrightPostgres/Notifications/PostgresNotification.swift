// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What `NOTIFY` sent.
///
/// ```swift
/// let configuration = PostgresConfiguration("postgres://app@/erp")
/// for try await notification in try await PostgresNotifications.listen(configuration, to: ["orders"]) {
///     print(notification.channel, notification.payload, notification.senderPID)
/// }
/// ```
public struct PostgresNotification: Sendable, Hashable {
    /// The channel.
    public var channel: String
    /// What was sent with it; empty where nothing was.
    public var payload: String
    /// The process id of the session that sent it.
    public var senderPID: Int32

    /// Creates a notification.
    public init(channel: String, payload: String = "", senderPID: Int32 = 0) {
        self.channel = channel
        self.payload = payload
        self.senderPID = senderPID
    }
}

extension Querying {
    /// Notifies whoever listens on the channel, when the transaction commits.
    ///
    /// PostgreSQL sends one of several equal notifications of a transaction.
    ///
    /// - Parameter payload: fewer than 8,000 bytes.
    public func notify(_ channel: String, payload: String = "", timeout: Duration? = nil) async throws {
        _ = try await self.query("SELECT pg_catalog.pg_notify(\(channel), \(payload))", timeout: timeout)
    }
}
