// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import FoundationNetworking
import Glibc
import MillwrightPostgres
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
            let port = try #require(Self.freePort())
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

    /// Lends a database with two products, one of which runs low.
    private static func withStock(_ body: ([String: String]) async throws -> Void) async throws {
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

    private static func status(_ port: Int, _ path: String) async -> Int? {
        guard let url = URL(string: "http://127.0.0.1:\(port)\(path)") else { return nil }
        let answer = try? await URLSession.shared.data(from: url)
        return (answer?.1 as? HTTPURLResponse)?.statusCode
    }

    /// A port that was free a moment ago.
    private static func freePort() -> Int? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        return isBound ? Int(UInt16(bigEndian: address.sin_port)) : nil
    }
}

/// The built example host as a process.
private struct BuiltHost {
    private let process = Process()
    private let output = Pipe()

    init(_ arguments: [String], _ environment: [String: String]) throws {
        // The executable lies beside that of the tests.
        self.process.executableURL = Bundle.main.bundleURL.appendingPathComponent("ExampleHost")
        self.process.arguments = arguments
        self.process.environment = environment
        self.process.standardOutput = self.output
        self.process.standardError = FileHandle.nullDevice
        try self.process.run()
    }

    func terminate() { self.process.terminate() }

    /// Waits for its end without holding a thread that Swift's tasks share.
    func finished() async throws -> (status: Int32, output: String) {
        await withCheckedContinuation { waiter in
            let (process, output) = (self.process, self.output)
            Thread.detachNewThread {
                let data = output.fileHandleForReading.readDataToEndOfFile()
                process.waitUntilExit()
                waiter.resume(returning: (process.terminationStatus, String(decoding: data, as: UTF8.self)))
            }
        }
    }
}
