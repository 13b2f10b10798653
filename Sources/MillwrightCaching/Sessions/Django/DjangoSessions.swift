// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
public import MillwrightPostgres
public import MillwrightRedis
import Synchronization

/// The sessions of a Django application in `django_session`: opt in, for a host that shares its logins with one.
///
/// It writes the row, and then deletes the copy that Django's `cached_db` engine keeps in Redis; Django fills that again from the row.
/// Django believes its copy without asking, so a write is only acknowledged when the copy is gone: where Redis does not answer the
/// write fails, and the copy is deleted before anything else when Redis answers again. Where too many copies wait for that, nothing more
/// is written.
public final class DjangoSessions: Sendable {
    private let codec: DjangoSessionCodec
    private let database: any Querying
    private let redis: any RedisSending
    private let layout: KeyLayout
    /// Keys whose copies could not be deleted yet.
    private let owed = Mutex<Set<String>>([])
    /// How many of them there may be.
    private let mostOwed: Int
    /// How many are sent at once: enough to be quick about it, and so few that they cost nothing where Redis is out.
    private static let batch = 500

    /// A session of Django's.
    public struct Found: Sendable, Hashable {
        /// Its values, `_auth_user_id` among them where somebody is logged in.
        public var values: [String: JSONValue]
        /// When it ends, in seconds since 1970.
        public var expiresAt: Double
    }

    /// Creates access to the sessions.
    ///
    /// - Parameters:
    ///   - codec: signs as the application does.
    ///   - database: has `django_session`.
    ///   - redis: has selected the database of the application's session cache.
    ///   - alias: the prefix and version of that cache.
    public convenience init(
        _ codec: DjangoSessionCodec,
        database: any Querying,
        redis: any RedisSending,
        alias: CacheAlias
    ) {
        self.init(codec, database: database, redis: redis, alias: alias, mostOwed: 10_000)
    }

    init(
        _ codec: DjangoSessionCodec,
        database: any Querying,
        redis: any RedisSending,
        alias: CacheAlias,
        mostOwed: Int
    ) {
        self.mostOwed = mostOwed
        self.codec = codec
        self.database = database
        self.redis = redis
        self.layout = KeyLayout(alias)
    }

    /// A key as Django draws them: 32 letters and digits.
    public static func newKey() -> String {
        var random = SystemRandomNumberGenerator()
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        return String((0..<32).map { _ in letters[Int.random(in: 0..<letters.count, using: &random)] })
    }

    /// Returns a session that has not expired, or `nil`; one whose signature is wrong is empty, as in Django.
    public func read(_ key: String) async throws -> Found? {
        let rows = try await self.database.query(
            """
            /* millwright:django-sessions */
            SELECT session_data, extract(epoch FROM expire_date)::double precision FROM django_session
            WHERE session_key = \(key) AND expire_date > now()
            """,
            as: (String, Double).self
        )
        return rows.first.map { Found(values: self.codec.decode($0) ?? [:], expiresAt: $1) }
    }

    /// Stores a session under a new key.
    public func create(_ key: String, _ values: [String: JSONValue], lifetime: Duration = .seconds(14 * 86_400))
        async throws
    {
        try await self.makeRoom()
        try await self.database.execute(
            """
            /* millwright:django-sessions */
            INSERT INTO django_session (session_key, session_data, expire_date)
            VALUES (\(key), \(try await self.encoded(values)), now() + \(lifetime.wholeMilliseconds) * interval '1 ms')
            """
        )
        try await self.forgetCopy(of: key)
    }

    /// Writes a session that is there, and returns whether it was: one that was ended meanwhile is not brought back.
    ///
    /// - Parameter lifetime: how long it lives from now on; `nil` leaves its end where it is.
    @discardableResult
    public func save(_ key: String, _ values: [String: JSONValue], lifetime: Duration? = nil) async throws -> Bool {
        try await self.makeRoom()
        let end: SQL = lifetime.map { "now() + \($0.wholeMilliseconds) * interval '1 ms'" } ?? "expire_date"
        let count = try await self.database.execute(
            """
            /* millwright:django-sessions */
            UPDATE django_session SET session_data = \(try await self.encoded(values)), expire_date = \(end)
            WHERE session_key = \(key) AND expire_date > now()
            """
        )
        try await self.forgetCopy(of: key)
        return count > 0
    }

    /// Ends a session, for Django as well.
    public func delete(_ key: String) async throws {
        try await self.makeRoom()
        try await self.database.execute(
            "/* millwright:django-sessions */ DELETE FROM django_session WHERE session_key = \(key)"
        )
        try await self.forgetCopy(of: key)
    }

    private func encoded(_ values: [String: JSONValue]) async throws -> String {
        let now = try await self.database.query("SELECT extract(epoch FROM now())::bigint", as: Int.self).first ?? 0
        return self.codec.encode(values, atSeconds: now)
    }

    /// How many copies could not be deleted yet.
    var copiesOwed: Int { self.owed.withLock { $0.count } }

    /// Has copies be deleted as soon as Redis answers.
    func owe(_ keys: [String]) { self.owed.withLock { $0.formUnion(keys) } }

    /// Writes nothing whose copy could not be remembered to be deleted.
    private func makeRoom() async throws {
        guard self.copiesOwed >= self.mostOwed else { return }
        while try await self.deleteCopies() {}
    }

    private func forgetCopy(of key: String) async throws {
        self.owe([key])
        var isMoreOwed = try await self.deleteCopies(first: key)
        // This one is gone: what becomes of the others is not this caller's concern.
        while isMoreOwed { isMoreOwed = (try? await self.deleteCopies()) ?? false }
    }

    /// Deletes some of the copies that are owed, and returns whether more are.
    private func deleteCopies(first key: String? = nil) async throws -> Bool {
        let keys = self.owed.withLock { owed in Set(owed.prefix(Self.batch)).union(key.map { [$0] } ?? []) }
        guard !keys.isEmpty else { return false }
        let names = keys.flatMap { key in
            ["cached_db", "cache"].map { self.layout.stored("django.contrib.sessions.\($0)\(key)") }
        }
        do {
            _ = try await self.redis.send(RedisCommand("UNLINK", arguments: names))
        } catch {
            // Another request may have taken them off meanwhile, for what was sent before this.
            self.owe(Array(keys))
            guard error is RedisError else { throw error }
            throw SessionError(
                .unavailable,
                hint: "Django's copy of a session could not be deleted.",
                underlying: error
            )
        }
        return self.owed.withLock { owed in
            owed.subtract(keys)
            return !owed.isEmpty
        }
    }
}
