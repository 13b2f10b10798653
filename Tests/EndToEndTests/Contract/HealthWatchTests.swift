// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("health_check of a running server", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct HealthWatchTests {
    @Test("--watch writes a line for each look, tells when the server drains, and ends with 69 when it is gone")
    func watch() async throws {
        let port = try #require(LoopbackPort.free())
        let app = try BuiltHost(["runserver", "--bind", "127.0.0.1:\(port)", "--drain", "1h"], [:], program: "manage")
        try await Self.awaitReady(port)
        let watch = try Watch(["--url", "http://127.0.0.1:\(port)"])

        try await watch.wait { $0.count >= 3 }
        app.terminate()
        try await watch.wait { $0.last?.contains("draining") == true }
        app.kill()
        let status = try await watch.host.finished().status

        #expect(status == 69)
        #expect(watch.lines.allSatisfy { JSONDocument($0) != nil }, "\(watch.lines)")
        #expect(watch.lines.last?.contains("error/v1") == true)
    }

    @Test("--watch writes its error as a line where nobody answers from the beginning")
    func nobody() async throws {
        let run = try await ManageProcess(
            arguments: ["health_check", "--watch", "--format", "json", "--url", "http://127.0.0.1:1"]
        ).run()

        #expect(run.code == 69)
        let lines = run.stdout.split(separator: "\n")
        #expect(lines.count == 1 && lines[0].contains("error/v1"), "\(run)")
    }

    @Test("--watch of one's own looks goes on until SIGTERM, which ends it with 143 after a whole line")
    func stopped() async throws {
        let watch = try Watch([])

        try await watch.wait { $0.count >= 3 }
        watch.host.terminate()
        let status = try await watch.host.finished().status

        #expect(status == 143)
        #expect(watch.lines.allSatisfy { JSONDocument($0) != nil }, "\(watch.lines)")
    }

    /// A `manage health_check --watch`, and what it has written so far.
    private final class Watch {
        let host: BuiltHost
        private let file: URL

        init(_ arguments: [String]) throws {
            self.file = FileManager.default.temporaryDirectory.appending(path: "millwright-watch-\(UUID().uuidString)")
            _ = FileManager.default.createFile(atPath: self.file.path(percentEncoded: false), contents: nil)
            self.host = try BuiltHost(
                ["health_check", "--watch", "--format", "json", "--set", "health.interval=50ms"] + arguments,
                [:],
                program: "manage",
                into: FileHandle(forWritingTo: self.file)
            )
        }

        deinit { try? FileManager.default.removeItem(at: self.file) }

        var lines: [String] {
            (try? String(contentsOf: self.file, encoding: .utf8))?.split(separator: "\n").map(String.init) ?? []
        }

        func wait(until isMet: ([String]) -> Bool) async throws {
            let deadline = ContinuousClock.now + .seconds(30)
            while !isMet(self.lines), ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(20)) }
            try #require(isMet(self.lines), "\(self.lines)")
        }
    }

    /// HAProxy ends TLS here, as a balancer in front of the server does.
    @Test("https:// is refused with the reason where the system does not trust the certificate, or nothing listens")
    func https() async throws {
        let (port, secure) = try (#require(LoopbackPort.free()), #require(LoopbackPort.free()))
        let folder = FileManager.default.temporaryDirectory.appending(path: "millwright-https-\(port)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await Self.makeCertificate(in: folder)
        var file = try HAProxyTests.quickFile(ports: [port, 1])
        try file.replace(
            "bind :80\n",
            by: "bind :80\n    bind 127.0.0.1:\(secure) ssl crt \(folder.path(percentEncoded: false))/both.pem\n"
        )
        var plan = SandboxPlan()
        (plan.postgres, plan.redis, plan.haproxy) = (false, false, file.text)
        let app = try BuiltHost(["runserver", "--bind", "127.0.0.1:\(port)"], [:], program: "manage")
        try await Self.awaitReady(port)
        let servers = try await TestServers.private(plan)
        let statistics = HAProxyStatistics(socket: try #require(servers.state["haproxy"]?.socket))
        try await statistics.wait(for: "app1", toBe: "UP")
        let ask = [
            "health_check", "--url", "https://localhost:\(secure)", "--timeout", "20s", "--set", "health.budget=5s",
        ]

        let untrusted = try await ManageProcess(arguments: ask).run()
        let closed = try await ManageProcess(
            arguments: ask.map { $0.replacing("localhost:\(secure)", with: "127.0.0.1:1") }
        ).run()

        #expect(
            untrusted.code == 69 && untrusted.stderr.contains("signed by nobody whom this system trusts"),
            "\(untrusted)"
        )
        #expect(closed.code == 69 && closed.stderr.contains("Nothing listens at that address"), "\(closed)")
        app.kill()
        try await servers.remove()
    }

    /// Makes a certificate for `localhost` that nobody has signed, in a file that HAProxy can read.
    private static func makeCertificate(in folder: URL) async throws {
        let path = folder.path(percentEncoded: false)
        let command = """
            cd \(path) && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
            -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout key.pem -out certificate.pem 2>/dev/null \
            && cat certificate.pem key.pem > both.pem && chmod 755 . && chmod 644 *.pem
            """
        let openssl = try BuiltHost(["-c", command], ["PATH": "/usr/bin:/bin"], at: URL(filePath: "/bin/bash"))
        try #require(try await openssl.finished().status == 0)
    }

    private static func awaitReady(_ port: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while await ExampleHostTests.status(port, "/readyz") != 200, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
