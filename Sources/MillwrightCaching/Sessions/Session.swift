// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// A session in the hands of a request: its values, and what the request has changed in them.
///
/// It is a value: a change anywhere in it counts as one, also within a nested object. ``SessionStore/save(_:)`` writes the keys that
/// were changed and leaves those alone that another request has changed meanwhile.
public struct Session: Sendable, Hashable {
    /// What the cookie holds.
    public let id: SessionID
    /// Whose it is; `nil` before anybody logged in.
    public internal(set) var user: String?
    /// When it ends, in milliseconds since 1970 by PostgreSQL's clock.
    public internal(set) var expiresAtMilliseconds: Int
    /// How often it was written.
    public internal(set) var version: Int
    /// Whether the read that gave it has put its end off.
    public internal(set) var isExtended = false
    var stored: [String: JSONValue]
    var changes: [String: JSONValue?] = [:]

    init(id: SessionID, user: String?, version: Int, expiresAtMilliseconds: Int, values: [String: JSONValue]) {
        self.id = id
        self.user = user
        self.version = version
        self.expiresAtMilliseconds = expiresAtMilliseconds
        self.stored = values
    }

    /// The values, with this request's changes.
    public var values: [String: JSONValue] { Self.merged(self.stored, self.changes) }

    /// Whether this request has changed anything.
    public var isModified: Bool { !self.changes.isEmpty }

    /// A value; `nil` where there is none, and to remove it.
    public subscript(key: String) -> JSONValue? {
        get { if let change = self.changes[key] { change } else { self.stored[key] } }
        set {
            // What is set to what it was is no change.
            if newValue == self.stored[key] { self.changes[key] = nil } else { self.changes[key] = .some(newValue) }
        }
    }

    static func merged(_ stored: [String: JSONValue], _ changes: [String: JSONValue?]) -> [String: JSONValue] {
        var values = stored
        for (key, value) in changes { values[key] = value }
        return values
    }
}

/// One of a user's sessions, as a list shows it.
public struct SessionSummary: Sendable, Hashable {
    /// What ``SessionStore/revoke(_:)`` takes; it is not what the cookie holds.
    public var key: String
    /// When it began, in seconds since 1970.
    public var createdAt: Double
    /// When it ends unless it is used, in seconds since 1970.
    public var expiresAt: Double
}
