// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import MillwrightCaching

@Suite("Sessions shared with a real Django", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(5)))
struct DjangoSessionsTests {
    private func withDjango(
        _ body: (DjangoPeer, DjangoSessions, PostgresClient) async throws -> Void
    ) async throws {
        let servers = try await TestServers.private(SandboxPlan())
        let django = try await DjangoPeer(servers)
        _ = try await django.run(
            "from django.core.management import call_command; call_command('migrate', verbosity=0)"
        )
        let database = PostgresClient(PostgresConfiguration(servers.postgresURL))
        let redis = RedisClient(try RedisConfiguration(servers.redisURL))
        let sessions = DjangoSessions(
            DjangoSessionCodec(secretKey: Secret("django-insecure-test-key")),
            database: database,
            redis: redis,
            alias: CacheAlias("django", endpoint: "private", keyPrefix: "app")
        )
        try await body(django, sessions, database)
        await database.close()
        await redis.close()
        try await servers.remove()
    }

    @Test("Each reads what the other wrote, also after a change; a logout on either side holds on both")
    func bothWays() async throws {
        try await self.withDjango { django, sessions, _ in
            let key = try await django.run(
                """
                s = SessionStore(); s["_auth_user_id"] = "42"; s["n"] = "héllo ☃"; s["cart"] = [{"sku": "A", "qty": i} for i in range(30)]
                s.save(); print(s.session_key, end="")
                """
            )
            var values = try #require(try await sessions.read(key)).values
            #expect(values["_auth_user_id"] == .string("42"))
            #expect(values["n"] == .string("héllo ☃"))

            values["from_swift"] = .object([("snow", .string("☃ 😀"))])
            #expect(try await sessions.save(key, values))
            let seen = try await django.run(
                "s = SessionStore('\(key)'); print(s['from_swift']['snow'], s['_auth_user_id'], len(s['cart']), end='')"
            )
            #expect(seen == "☃ 😀 42 30")

            let own = DjangoSessions.newKey()
            try await sessions.create(own, ["_auth_user_id": .string("7")])
            let read = try await django.run(
                "print(SessionStore('\(own)').load(), Session.objects.get(pk='\(own)').get_decoded(), end='')"
            )
            #expect(read == "{'_auth_user_id': '7'} {'_auth_user_id': '7'}")

            try await sessions.delete(key)
            #expect(try await django.run("print(SessionStore('\(key)').load(), end='')") == "{}")
            _ = try await django.run("SessionStore('\(own)').flush()")
            #expect(try await sessions.read(own) == nil)
            #expect(try await sessions.save(own, ["back": .bool(true)]) == false)
        }
    }

    @Test("A login by Django holds here until the password is another one, whatever the key that signed it")
    func login() async throws {
        try await self.withDjango { django, sessions, database in
            let key = try await django.run(
                """
                from django.contrib.auth import get_user_model, login
                from django.test import RequestFactory
                user = get_user_model().objects.create_user("ann", password="secret")
                request = RequestFactory().get("/")
                request.session = SessionStore()
                login(request, user, backend="django.contrib.auth.backends.ModelBackend")
                request.session.save(); print(request.session.session_key, end="")
                """
            )
            let values = try #require(try await sessions.read(key)).values
            let codec = DjangoSessionCodec(secretKey: Secret("django-insecure-test-key"))
            let rotated = DjangoSessionCodec(secretKey: Secret("new"), fallbacks: [Secret("django-insecure-test-key")])
            let passwords: SQL = "SELECT password FROM auth_user WHERE username = 'ann'"
            let password = try #require(try await database.query(passwords, as: String.self).first)
            #expect(codec.isLoginValid(values, storedPassword: password))
            #expect(rotated.isLoginValid(values, storedPassword: password))
            #expect(!DjangoSessionCodec(secretKey: Secret("x")).isLoginValid(values, storedPassword: password))

            _ = try await django.run(
                """
                from django.contrib.auth import get_user_model
                user = get_user_model().objects.get(username="ann"); user.set_password("other"); user.save()
                """
            )
            let other = try #require(try await database.query(passwords, as: String.self).first)
            #expect(!codec.isLoginValid(values, storedPassword: other))
            #expect(!codec.isLoginValid([:], storedPassword: other))
        }
    }

    @Test("Either clearsessions clears what the other would")
    func clears() async throws {
        try await self.withDjango { django, sessions, database in
            for _ in 0..<3 { try await sessions.create(DjangoSessions.newKey(), [:], lifetime: .seconds(3_600)) }
            try await database.execute(
                "UPDATE django_session SET expire_date = now() - interval '1 s' WHERE session_key <> (SELECT max(session_key) FROM django_session)"
            )
            let connection = try await PostgresConnection.connect(database.configuration)
            #expect(try await ExpiredSessions(.django).count(on: connection) == 2)
            #expect(try await ExpiredSessions(.django, batchRows: 1).run(on: connection).deleted == 2)
            await connection.close()
            #expect(try await django.run("print(Session.objects.count(), end='')") == "1")
            try await database.execute("UPDATE django_session SET expire_date = now() - interval '1 s'")
            _ = try await django.run("from django.core.management import call_command; call_command('clearsessions')")
            #expect(try await database.query("SELECT count(*) FROM django_session", as: Int.self) == [0])
        }
    }
}
