// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import MillwrightPostgres

@Suite("Connection options", .serialized, .timeLimit(.minutes(2)))
struct ConnectionOptionTests {
    /// A server on the loopback with TLS, and the folder of its data.
    private struct SecureServer {
        var servers: TestServers
        var port: Int
        var data: String

        /// Its own certificate for `localhost`, signed by itself, and another one that it does not use.
        var certificate: String { "\(self.data)/localhost.crt" }
        var foreignCertificate: String { "\(self.data)/foreign.crt" }
    }

    /// Lets the server's own account make the key, so that the server takes it for its own.
    private func secureServer() async throws -> SecureServer {
        var plan = SandboxPlan.postgresOnly
        plan.postgresPort = 0
        let servers = try await TestServers.private(plan)
        let superuser = try await PostgresConnection.connect(testConfiguration(servers.superuserURL))
        let data = try await superuser.query("SHOW data_directory", as: String.self)[0]
        try await superuser.run(script: "CREATE ROLE secure LOGIN PASSWORD 'secure'")
        for name in ["localhost", "foreign"] {
            let command = """
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=\(name) \
                -addext subjectAltName=DNS:localhost -keyout \(data)/\(name).key -out \(data)/\(name).crt 2>/dev/null \
                && chmod 600 \(data)/\(name).key
                """
            try await superuser.run(script: "COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; \(command)'")
        }
        for (name, value) in [("ssl_cert_file", "localhost.crt"), ("ssl_key_file", "localhost.key"), ("ssl", "on")] {
            try await superuser.run(script: "ALTER SYSTEM SET \(name) = '\(value)'")
        }
        _ = try await superuser.query("SELECT pg_reload_conf()")
        await superuser.close()
        return SecureServer(servers: servers, port: try #require(servers.state["postgres"]?.port), data: data)
    }

    /// Connects as soon as the server has read its new settings.
    private func firstSecureConnection(_ configuration: PostgresConfiguration) async throws -> PostgresConnection {
        while true {
            do {
                return try await PostgresConnection.connect(configuration)
            } catch let error as PostgresError where error.description.contains("offers no TLS") {
                continue
            }
        }
    }

    @Test(
        "TLS: the right certificate is taken, another one, another name and a missing file are refused in clear words"
    )
    func tls() async throws {
        let server = try await self.secureServer()
        let base = "port=\(server.port) user=secure password=secure dbname=app"
        let full = "\(base) sslmode=verify-full"

        let connection = try await self.firstSecureConnection(
            testConfiguration("host=localhost \(full) sslrootcert=\(server.certificate)")
        )
        let isEncrypted = try await connection.query(
            "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
            as: Bool.self
        )
        #expect(isEncrypted == [true])
        await connection.close()

        for (text, words) in [
            ("host=localhost \(full) sslrootcert=\(server.foreignCertificate)", "signed by nobody who is trusted"),
            ("host=127.0.0.1 \(full) sslrootcert=\(server.certificate)", "is for another name"),
            ("host=localhost \(full) sslrootcert=/nonexistent.crt", "root certificate file cannot be read"),
        ] {
            let error = await #expect(throws: PostgresError.self) {
                try await PostgresConnection.connect(testConfiguration(text))
            }
            #expect(error?.code == .connectionFailed)
            #expect(error?.description.contains(words) == true, "\(String(reflecting: error))")
        }
        let require = try await PostgresConnection.connect(testConfiguration("host=127.0.0.1 \(base) sslmode=require"))
        await require.close()
        try await server.servers.remove()
    }

    @Test("A server without TLS is refused where it is required, and says so")
    func noTLS() async throws {
        var plan = SandboxPlan.postgresOnly
        plan.postgresPort = 0
        let servers = try await TestServers.private(plan)
        let port = try #require(servers.state["postgres"]?.port)

        let error = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.connect(
                testConfiguration("host=localhost port=\(port) user=app dbname=app sslmode=require")
            )
        }

        #expect(error?.description.contains("offers no TLS") == true)
        try await servers.remove()
    }

    @Test("Passwords: percent-encoded, quoted, from a file and from a service; a wrong one is not tried on other hosts")
    func passwords() async throws {
        var plan = SandboxPlan.postgresOnly
        plan.postgresPort = 0
        let servers = try await TestServers.private(plan)
        let port = try #require(servers.state["postgres"]?.port)
        let superuser = try await PostgresConnection.connect(testConfiguration(servers.superuserURL))
        try await superuser.run(
            script: #"CREATE ROLE odd LOGIN PASSWORD 'p@ss:w/ord% ''é\'; GRANT CONNECT ON DATABASE app TO odd"#
        )
        let data = try await superuser.query("SHOW data_directory", as: String.self)[0]
        let folder = data.split(separator: "/").dropLast().joined(separator: "/")
        let service = "/tmp/millwright-service-\(getpid()).conf"
        try self.write(
            "[mill]\nhost=no-such-host.invalid,127.0.0.1\nport=\(port)\nuser=app\ndbname=app\npassfile=/\(folder)/passfile\n",
            to: service
        )
        // once in this process, before anything else has changed the environment
        setenv("PGSERVICEFILE", service, 1)

        for text in [
            "postgres://odd:p%40ss%3Aw%2Ford%25%20%27%C3%A9%5C@localhost:\(port)/app",
            #"host=localhost port=\#(port) user=odd dbname=app password='p@ss:w/ord% \'é\\'"#,
            "postgres://app@127.0.0.1:\(port)/app?passfile=%2F\(folder.replacing("/", with: "%2F"))%2Fpassfile",
            "service=mill",
            "postgres://?service=mill&application_name=from%20the%20string",
        ] {
            let connection = try await PostgresConnection.connect(testConfiguration(text))
            #expect(try await connection.query("SELECT inet_server_port()", as: Int.self) == [port])
            await connection.close()
        }
        #expect(Conninfo.resolved([("service", "mill")])["host"] == "no-such-host.invalid,127.0.0.1")

        let socket = try #require(
            servers.state["postgres"]?.socket?.split(separator: "/").dropLast().joined(separator: "/")
        )
        let error = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.connect(
                testConfiguration("host=127.0.0.1,/\(socket) port=\(port) user=odd dbname=app password=wrong")
            )
        }
        #expect(error?.sqlState == "28P01")
        #expect(error?.isAuthentication == true)
        #expect(error?.isOutage == false)
        let missing = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.connect(testConfiguration("service=nowhere"))
        }
        #expect(missing?.description.contains("service is not defined") == true)
        await superuser.close()
        unlink(service)
        try await servers.remove()
    }

    private func write(_ text: String, to path: String) throws {
        let file = try #require(fopen(path, "w"))
        fputs(text, file)
        fclose(file)
    }

    @Test("What the connection string says about the session reaches it")
    func session() async throws {
        let text = try await TestServers.shared().superuserURL
        let connection = try await PostgresConnection.connect(
            testConfiguration(
                text + (text.contains("?") ? "&" : "?")
                    + "application_name=odd%20name&options=-c%20work_mem%3D5MB%20-c%20search_path%3D%22a%5C%20b%22&keepalives_idle=7"
            )
        )

        let rows = try await connection.query(
            "SELECT current_setting('application_name'), current_setting('work_mem'), current_setting('search_path')",
            as: (String, String, String).self
        )
        #expect(rows[0] == ("odd name", "5MB", "\"a b\""))
        await connection.close()
    }
}
