// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Synchronization

extension SessionStore {
    /// Stores bytes under a key that the caller has chosen: a key-value store with the promises of the sessions.
    ///
    /// - Parameters:
    ///   - lifetime: how long they are kept; `nil` keeps the end that they have, and gives new ones the idle lifetime.
    ///   - mustBeNew: whether bytes that are there stay.
    /// - Returns: whether they were stored.
    public func put(_ key: String, _ bytes: [UInt8], lifetime: Duration? = nil, mustBeNew: Bool = false) async throws
        -> Bool
    {
        let row = Self.row(of: key)
        let payload = try SessionPayload.encode(
            ["value": .string(Base64URL.encode(bytes))],
            row: row,
            encryption: self.configuration.encryption
        )
        let answer = try await self.writing {
            try await self.truth.put(row, payload: payload, lifetime: lifetime, mustBeNew: mustBeNew)
        }
        guard let written = answer.value else { return false }
        let stored = StoredSession(
            version: written.version,
            user: nil,
            expiresAtMilliseconds: written.expiresAtMilliseconds,
            payload: payload
        )
        try await self.settle(apply: stored, row, committedIn: answer.run)
        return true
    }

    /// Returns the bytes under a key and how much longer they are kept, or `nil` where there are none.
    public func value(_ key: String) async throws -> (bytes: [UInt8], timeLeft: Duration)? {
        let row = Self.row(of: key)
        guard let found = try await self.load(row) else { return nil }
        let values = try SessionPayload.decode(
            found.stored.payload,
            row: row,
            encryption: self.configuration.encryption
        )
        guard case .string(let text)? = values["value"], let bytes = Base64URL.decode(text) else { return nil }
        return (bytes, .milliseconds(max(0, found.millisecondsLeft)))
    }

    /// Removes the bytes under a key.
    public func remove(_ key: String) async throws { _ = try await self.end(Self.row(of: key), why: "logout") }

    /// Apart from the keys of sessions, whatever the caller's key is.
    private static func row(of key: String) -> String {
        "value:" + Base64URL.digest(of: key)
    }
}
