// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import FoundationNetworking
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("The example host", .timeLimit(.minutes(2)))
struct ExampleHostTests {
    @Test("Its own command stands beside Millwright's and reads the same settings")
    func ownCommand() async throws {
        try await Self.withStock { environment in
            let help = try await BuiltHost(["--help"], environment).finished()
            let report = try await BuiltHost(["erp_report", "--format", "json"], environment).finished()

            #expect(help.status == 0 && help.output.contains("erp_report") && help.output.contains("health_check"))
            #expect(report.status == 0 && report.output.contains(#""sku": "H-1""#))
            #expect(!report.output.contains("N-1"))
        }
    }

    @Test(
        "It serves the health paths and the stock; at SIGTERM readiness fails while requests go on, and it ends with 0"
    )
    func serves() async throws {
        try await Self.withStock { environment in
            let port = try #require(LoopbackPort.free())
            let host = try BuiltHost(
                ["runserver", "--port", "\(port)", "--set", "health.drain=2s"],
                environment
            )
            while await Self.status(port, "/readyz") != 200 { await Task.yield() }
            #expect(await Self.status(port, "/health_check") == 200)
            #expect(await Self.status(port, "/low-stock") == 200)

            host.terminate()
            while await Self.status(port, "/readyz") == 200 { await Task.yield() }

            #expect(await Self.status(port, "/readyz") == 503)
            #expect(await Self.status(port, "/low-stock") == 200)
            #expect(await Self.status(port, "/livez") == 200)
            #expect(try await host.finished().status == 0)
        }
    }

    @Test(
        "health_check asks the running server: its snapshot, details for its token, its drain, and 69 when it is gone"
    )
    func asked() async throws {
        try await Self.withStock { environment in
            let port = try #require(LoopbackPort.free())
            let url = "http://127.0.0.1:\(port)"
            let token = environment.merging(["MILLWRIGHT_HEALTH_TOKEN": "t0ken"]) { $1 }
            let host = try BuiltHost(["runserver", "--port", "\(port)", "--set", "health.drain=60s"], token)
            while await Self.status(port, "/readyz") != 200 { await Task.yield() }
            func ask(_ arguments: String..., knowing environment: [String: String]) async throws -> (Int32, String) {
                let ran = try await BuiltHost(["health_check", "--url", url] + arguments, environment).finished()
                return (ran.status, ran.output)
            }

            let (code, brief) = try await ask("--format", "json", knowing: environment)
            let (_, detailed) = try await ask("--detailed", knowing: token)
            host.terminate()
            while await Self.status(port, "/readyz") == 200 { await Task.yield() }
            let (drainingCode, draining) = try await ask("--group", "readyz", knowing: environment)
            host.terminate()
            _ = try await host.finished()
            let (goneCode, gone) = try await ask(knowing: token)

            #expect(
                code == 0 && brief.contains(#""looked": "\#(url)/health_check""#) && !brief.contains("usage_percent")
            )
            #expect(detailed.contains("usage_percent") && detailed.contains("the server at \(url)/health_check"))
            #expect(drainingCode == 1 && draining.contains("draining"))
            #expect(goneCode == 69 && gone.isEmpty)
            #expect(!(brief + detailed + draining).contains("t0ken"))
        }
    }

    /// Lends a database with two products, one of which runs low.
    static func withStock(_ body: ([String: String]) async throws -> Void) async throws {
        let servers = try await TestServers.shared()
        try await servers.withDatabase { url in
            let connection = try await PostgresConnection.connect(PostgresConfiguration(url("app")))
            try await connection.run(
                script: """
                    CREATE TABLE erp_product (
                        id bigint, sku text, name text, stock integer, reorder_level integer, active boolean);
                    INSERT INTO erp_product VALUES (1, 'H-1', 'Hammer', 2, 10, true), (2, 'N-1', 'Nail', 99, 10, true);
                    """
            )
            await connection.close()
            try await body(["DATABASE_URL": url("app"), "REDIS_URL": servers.redisURL])
        }
    }

    static func status(_ port: Int, _ path: String) async -> Int? {
        guard let url = URL(string: "http://127.0.0.1:\(port)\(path)") else { return nil }
        let answer = try? await URLSession.shared.data(from: url)
        return (answer?.1 as? HTTPURLResponse)?.statusCode
    }
}
