// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightIO

/// Notifications as they come, on a connection of their own, until that is lost.
///
/// Nothing is ever left out in silence: where more come than the buffer holds, those before the gap are handed out and an error
/// with code `notificationsLost` is thrown; where the connection is lost, its error is. ``PostgresListener`` goes on after both.
/// The loop ends with `CancellationError` where its task is cancelled; the connection is closed when the sequence is let go, or
/// by ``close()``. Waiting costs nothing: no statement is sent and no timer runs.
///
/// A pooler in transaction mode gives no notifications: connect to the server itself.
///
/// ```swift
/// let configuration = PostgresConfiguration("postgres://app@/erp")
/// let notifications = try await PostgresNotifications.listen(configuration, to: ["orders", "Odd Channel"])
/// for try await notification in notifications {
///     print("\(notification.channel): \(notification.payload) from \(notification.senderPID)")
/// }
/// ```
public struct PostgresNotifications: AsyncSequence, Sendable {
    let connection: PostgresConnection

    /// Connects and listens.
    ///
    /// - Parameters:
    ///   - channels: their names as they are; they are quoted.
    ///   - bufferLimit: how many notifications are kept for a consumer that is slower than they come.
    /// - Throws: ``PostgresError``; `CancellationError`.
    public static func listen(
        _ configuration: PostgresConfiguration,
        to channels: [String],
        bufferLimit: Int = 1_000,
        on loop: EventLoop = .shared
    ) async throws -> PostgresNotifications {
        let connection = try await PostgresConnection.connect(configuration, on: loop)
        do {
            try await connection.listen(to: channels, bufferLimit: bufferLimit)
        } catch {
            await connection.close()
            throw error
        }
        return PostgresNotifications(connection: connection)
    }

    /// Closes the connection; what is buffered is still handed out, then an error with code `closed` is thrown.
    public func close() async { await self.connection.close() }

    /// The process id of the listening session, which is the sender of what it notifies itself.
    public var backendPID: Int32 { get async { await self.connection.backendPID } }

    /// Begins to take notifications; one task at a time may.
    public func makeAsyncIterator() -> Iterator { Iterator(connection: self.connection) }

    /// Takes one notification after another.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let connection: PostgresConnection
        private var isOver = false

        fileprivate init(connection: PostgresConnection) { self.connection = connection }

        /// Waits for the next one; `nil` after an error was thrown.
        public mutating func next() async throws -> PostgresNotification? {
            guard !self.isOver else { return nil }
            do {
                switch try await self.connection.nextForListener() {
                case .notification(let notification): return notification
                case .ended(let error): throw error
                case .overflowed, .wait: throw PostgresError(.notificationsLost)
                }
            } catch {
                self.isOver = true
                if !(error is CancellationError) { await self.connection.close() }
                throw error
            }
        }
    }
}
