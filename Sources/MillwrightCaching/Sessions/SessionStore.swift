// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
public import MillwrightPostgres
public import MillwrightRedis
import Synchronization

/// Sessions whose truth is in PostgreSQL and whose fast copy is in Redis.
///
/// Whatever happens to Redis, no acknowledged write is lost, no session that was ended comes back, and nobody is logged out;
/// `Documentation/sessions.md` has the protocol and its invariants.
///
/// ```swift
/// import MillwrightCore
/// import MillwrightPostgres
/// import MillwrightRedis
///
/// let alias = CacheAlias("sessions", endpoint: "127.0.0.1:6379", keyPrefix: "erp_sessions")
/// let store = try SessionStore(
///     SessionConfiguration(alias: alias),
///     database: PostgresClient(PostgresConfiguration("postgres://app@/erp")),
///     redis: RedisClient(try RedisConfiguration("redis://127.0.0.1:6379/2"))
/// )
/// let upkeep = Task { try await store.run() }
/// var session = try await store.create(["cart": .array([])])
/// session["cart"] = .array([.string("SKU-1")])
/// _ = try await store.save(session)
/// upkeep.cancel()
/// ```
///
/// ## Topics
/// - Requests: ``read(_:)``, ``create(_:user:)``, ``save(_:)``, ``rotate(_:user:)``, ``renew(_:)``, ``delete(_:)``
/// - A user's sessions: ``sessions(of:)``, ``revoke(_:)``, ``revokeAll(of:)``
/// - Upkeep: ``run()``, ``standing``
public final class SessionStore: Sendable {
    /// How sessions live.
    public let configuration: SessionConfiguration
    /// What this process is called in `session_failover status`.
    public let node: String
    let truth: SessionTruth
    let register: SessionRegister
    let copies: SessionCopies
    let redis: RedisClient
    let state: Mutex<SessionState>
    /// A session that lives for less is given more time when it is used.
    let touchesBelowMilliseconds: Int
    private let start = ContinuousClock.now

    /// Creates a store; nothing is opened before it is used.
    ///
    /// - Parameters:
    ///   - configuration: how sessions live.
    ///   - database: answers the requests; its own waits for a connection should not be longer than `databaseTimeout`.
    ///   - register: answers the upkeep; a client of its own, so that a busy pool does not hold it up. The same where `nil`.
    ///   - redis: leads to the Redis of the alias.
    ///   - node: what this process is called; unique among the nodes.
    /// - Throws: ``SessionError`` where the configuration contradicts itself.
    public init(
        _ configuration: SessionConfiguration,
        database: any Querying,
        register: (any Querying)? = nil,
        redis: RedisClient,
        node: String = String(UInt64.random(in: .min ... .max), radix: 36)
    ) throws {
        if let fault = configuration.fault { throw SessionError(.usage, hint: fault) }
        self.configuration = configuration
        self.touchesBelowMilliseconds = (configuration.idleLifetime - configuration.touchAfter).wholeMilliseconds
        self.node = node
        self.redis = redis
        self.truth = SessionTruth(
            database: database,
            alias: configuration.alias.name,
            timeout: configuration.databaseTimeout,
            idleLifetime: configuration.idleLifetime,
            absoluteLifetime: configuration.absoluteLifetime
        )
        self.register = SessionRegister(
            database: register ?? database,
            alias: configuration.alias.name,
            node: node,
            timeout: configuration.databaseTimeout
        )
        self.copies = SessionCopies(
            layout: KeyLayout(configuration.alias),
            timeout: configuration.redisTimeout,
            tokenLifetime: configuration.databaseTimeout * 3
        )
        self.state = Mutex(SessionState(lease: configuration.lease, fillsPerSecond: configuration.fillsPerSecond))
    }

    /// The time since the store was made, on the monotonic clock.
    var now: Duration { self.start.duration(to: .now) }

    // MARK: Requests

    /// Returns a session, or `nil` where there is none that is live.
    ///
    /// Where its end has come nearer by `touchAfter`, it is put off.
    ///
    /// - Throws: ``SessionError/Code/unavailable`` where nobody can say: that is no logout.
    public func read(_ id: SessionID) async throws -> Session? {
        let key = id.key
        guard let found = try await self.load(key) else { return nil }
        var session = try self.session(id, key, found.stored)
        if let expiry = try await self.touch(key, found) {
            session.expiresAtMilliseconds = expiry
            session.isExtended = true
        }
        return session
    }

    /// Begins a session under a new id.
    ///
    /// - Throws: ``SessionError/Code/unavailable`` where PostgreSQL does not answer.
    public func create(_ values: [String: JSONValue] = [:], user: String? = nil) async throws -> Session {
        let id = SessionID()
        let key = id.key
        let payload = try SessionPayload.encode(values, row: key, encryption: self.configuration.encryption)
        let token = await self.leaveToken(key)
        guard let written = try await self.asking({ try await self.truth.insert(key, user: user, payload: payload) })
        else {
            throw SessionError(.unavailable, hint: "The new session was not stored.")
        }
        let stored = StoredSession(
            version: written.version,
            user: user,
            expiresAtMilliseconds: written.expiresAtMilliseconds,
            payload: payload
        )
        if let token { await self.fill(stored, key, token) }
        self.state.withLock { $0.figures.writes += 1 }
        return try self.session(id, key, stored)
    }

    /// Writes what a request has changed, and returns the session as it is now; `nil` where it was ended meanwhile.
    ///
    /// Keys that another request has changed since it was read are kept; of a key that both have changed, this value stays.
    /// It costs one round trip to PostgreSQL and then one to Redis: the copy must not be seen before the truth is.
    ///
    /// - Throws: ``SessionError/Code/unavailable`` where it could not be stored; then nothing was promised to anybody.
    public func save(_ session: Session) async throws -> Session? {
        guard session.isModified else { return session }
        let key = session.id.key
        var current = session
        while true {
            let payload = try self.payload(of: current, row: key)
            let answer = try await self.writing {
                try await self.truth.update(key, version: current.version, user: current.user, payload: payload)
            }
            if let written = answer.value {
                let stored = StoredSession(
                    version: written.version,
                    user: current.user,
                    expiresAtMilliseconds: written.expiresAtMilliseconds,
                    payload: payload
                )
                try await self.settle(apply: stored, key, committedIn: answer.run)
                return try self.session(session.id, key, stored)
            }
            guard let merged = try await self.merged(current, key) else {
                try await self.settleEnd(of: key)
                return nil
            }
            current = merged
        }
    }

    /// Gives a session a new id, with its values and this request's changes: at login.
    ///
    /// The old id leads nowhere from then on. A session that was ended meanwhile begins anew: its user has just proved who it is.
    public func rotate(_ session: Session, user: String?) async throws -> Session {
        if let rotated = try await self.replaced(session, user: user) { return rotated }
        return try await self.create(session.values, user: user)
    }

    /// Gives a session a new id and leaves whose it is: wherever somebody may do more than before.
    ///
    /// - Returns: the session, or `nil` where it was ended meanwhile: that stays so.
    public func renew(_ session: Session) async throws -> Session? {
        try await self.replaced(session, user: session.user)
    }

    private func replaced(_ session: Session, user: String?) async throws -> Session? {
        let old = session.id.key
        let id = SessionID()
        let key = id.key
        var current = session
        while true {
            let payload = try SessionPayload.encode(current.values, row: key, encryption: self.configuration.encryption)
            let answer = try await self.writing {
                try await self.truth.replace(old, version: current.version, with: key, user: user, payload: payload)
            }
            if let written = answer.value {
                try await self.settle(bury: [(old, current.version + 1)], committedIn: answer.run)
                let stored = StoredSession(
                    version: written.version,
                    user: user,
                    expiresAtMilliseconds: written.expiresAtMilliseconds,
                    payload: payload
                )
                return try self.session(id, key, stored)
            }
            guard let merged = try await self.merged(current, old) else {
                try await self.settleEnd(of: old)
                return nil
            }
            current = merged
        }
    }

    /// Ends a session: from then on no node finds it.
    ///
    /// One that is not there is ended already.
    public func delete(_ id: SessionID) async throws {
        let key = id.key
        _ = try await self.end(key, why: "logout")
    }

    /// Ends a session by its key, and returns whether it was live.
    func end(_ key: String, why: String) async throws -> Bool {
        let ended = try await self.writing { try await self.truth.delete("key = \(key)", why: why) }
        guard !ended.value.isEmpty else {
            try await self.settleEnd(of: key)
            return false
        }
        try await self.settle(bury: ended.value, committedIn: ended.run)
        return true
    }

    /// Sees to the copy of a session that another request has ended: it may not have come to that yet, or never come to it.
    private func settleEnd(of key: String) async throws {
        let ended = try await self.answer { try await self.truth.endedVersion(of: key) }
        guard let version = ended.value else { return }
        try await self.settle(bury: [(key, version)], committedIn: ended.run)
    }

    // MARK: A user's sessions

    /// Lists the live sessions of a user, the newest first.
    public func sessions(of user: String) async throws -> [SessionSummary] {
        try await self.calling { try await self.truth.list(user) }
    }

    /// Ends a session by the key that the list shows, and returns whether it was live.
    @discardableResult
    public func revoke(_ key: String) async throws -> Bool {
        try await self.end(key, why: "revoked")
    }

    /// Ends all sessions that a user has now, and returns how many there were.
    @discardableResult
    public func revokeAll(of user: String) async throws -> Int {
        let ended = try await self.writing { try await self.truth.delete("user_id = \(user)", why: "revoked") }
        // With those that were ended before, because who did that may have been cut short before it came to the copy.
        let all = try await self.owing { try await self.answer { try await self.truth.ended(of: user) } }
        // what ended them may be lost with a PostgreSQL that was promoted or started anew between the two
        guard ended.value.isEmpty || all.run == ended.run else { throw SessionError(.unavailable) }
        if !all.value.isEmpty { try await self.settle(bury: all.value, committedIn: all.run) }
        return ended.value.count
    }

    // MARK: Parts

    func session(_ id: SessionID, _ key: String, _ stored: StoredSession) throws -> Session {
        Session(
            id: id,
            user: stored.user,
            version: stored.version,
            expiresAtMilliseconds: stored.expiresAtMilliseconds,
            values: try SessionPayload.decode(stored.payload, row: key, encryption: self.configuration.encryption)
        )
    }

    private func payload(of session: Session, row key: String) throws -> [UInt8] {
        try SessionPayload.encode(session.values, row: key, encryption: self.configuration.encryption)
    }

    /// The session as it is now, with the changes of this request on top.
    private func merged(_ session: Session, _ key: String) async throws -> Session? {
        guard let stored = try await self.asking({ try await self.truth.read(key) }) else { return nil }
        var merged = try self.session(session.id, key, stored)
        merged.changes = session.changes
        return merged
    }
}
