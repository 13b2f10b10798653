// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
public import Hummingbird
public import MillwrightCaching

/// Hummingbird's key-value storage over the session store: what is stored survives an outage of Redis, and what is removed stays removed.
///
/// Keys are the caller's; a value without an expiry lives as long as a session that is not used. Its upkeep runs with the application where
/// the driver is added to it as a service.
public struct SessionPersistDriver: PersistDriver {
    private let store: SessionStore
    private let upkeep: SessionUpkeep

    /// Creates a driver over a store.
    public init(_ store: SessionStore) {
        self.store = store
        self.upkeep = SessionUpkeep(store)
    }

    /// Stores a value under a new key; `PersistError.duplicate` where there is one.
    public func create<Object: Codable & Sendable>(key: String, value: Object, expires: Duration?) async throws {
        let bytes = Array(try JSONEncoder().encode(Wrapped(value: value)))
        guard try await self.store.put(key, bytes, lifetime: expires, mustBeNew: true) else {
            throw PersistError.duplicate
        }
    }

    /// Stores a value; one that is there keeps its expiry where none is given.
    public func set<Object: Codable & Sendable>(key: String, value: Object, expires: Duration?) async throws {
        let bytes = Array(try JSONEncoder().encode(Wrapped(value: value)))
        _ = try await self.store.put(key, bytes, lifetime: expires)
    }

    /// Returns a value, or `nil` where there is none.
    ///
    /// - Throws: `PersistError.invalidConversion` where it is of another type; `SessionError` where nobody can say.
    public func get<Object: Codable & Sendable>(key: String, as type: Object.Type) async throws -> Object? {
        try await self.getWithTTL(key: key, as: type)?.object
    }

    /// Returns a value and how much longer it is kept.
    public func getWithTTL<Object: Codable & Sendable>(key: String, as type: Object.Type) async throws -> (
        object: Object, ttl: Duration?
    )? {
        guard let (bytes, left) = try await self.store.value(key) else { return nil }
        guard let wrapped = try? JSONDecoder().decode(Wrapped<Object>.self, from: Data(bytes)) else {
            throw PersistError.invalidConversion
        }
        return (wrapped.value, left)
    }

    /// Removes a value.
    public func remove(key: String) async throws { try await self.store.remove(key) }

    /// Runs the store's upkeep.
    public func run() async throws { try await self.upkeep.run() }
}

/// A value by itself is no JSON document to every decoder.
private struct Wrapped<Value: Codable>: Codable {
    var value: Value
}
