// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightSandbox

/// How much of a bare server's speed is left when it answers `/health_check`.
struct HealthEndpoint: Benchmark {
    static let name = "health"
    static let about = """
        /health_check of `manage runserver` (ours), /hello of a bare Hummingbird (other): wrk, 64 connections, pairs of 2 s
        """

    static func run() async throws -> [Measurement] {
        let ours = try Server(".build/release/manage", path: "/health_check") {
            ["runserver", "--bind", "127.0.0.1:\($0)"]
        }
        defer { ours.process.terminate() }
        let other = try Server(".build/release/hello-peer", path: "/hello") { ["\($0)"] }
        defer { other.process.terminate() }
        for server in [ours, other] { try await server.awaitAnswer() }

        var latencies = Pairs()
        let rates = try await Pairs.run(11) {
            let load = try await ours.load()
            latencies.ours.append(load.latency)
            return load.rate
        } other: {
            let load = try await other.load()
            latencies.others.append(load.latency)
            return load.rate
        }
        return [
            rates.measurement("requests", unit: "/s", goal: .ratioAtLeast(0.9)),
            latencies.measurement("99 % are answered within", unit: "ms", goal: .ratioAtMost(1.25)),
        ]
    }
}

/// A server process under wrk.
private struct Server {
    let process = Process()
    let url: String

    init(_ program: String, path: String, arguments: (_ port: Int) -> [String]) throws {
        guard let port = LoopbackPort.free() else { throw Failure("There is no free port.") }
        self.url = "http://127.0.0.1:\(port)\(path)"
        self.process.executableURL = URL(fileURLWithPath: program)
        self.process.arguments = arguments(port)
        self.process.standardError = FileHandle.nullDevice
        try self.process.run()
    }

    /// Waits until wrk finds it.
    func awaitAnswer() async throws {
        for _ in 0..<50 {
            if (try? await Peer(program: "wrk").run(["-t1", "-c1", "-d1s", self.url])) != nil { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw Failure("Nobody answers at \(self.url).")
    }

    /// Requests a second, and the milliseconds within which 99 % of them are answered.
    func load() async throws -> (rate: Double, latency: Double) {
        let text = try await Peer(program: "wrk").run(["-t1", "-c64", "-d2s", "--latency", self.url])
        let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
        guard !text.contains("Non-2xx"), let rate = lines.first(where: { $0.first == "Requests/sec:" })?.last,
            let latency = lines.first(where: { $0.first == "99%" })?.last, let rate = Double(rate),
            let latency = Self.milliseconds(latency)
        else { throw Failure("wrk printed no figures: \(text)") }
        return (rate, latency)
    }

    private static func milliseconds(_ text: Substring) -> Double? {
        let units = [("us", 0.001), ("ms", 1), ("s", 1000)]
        guard let (unit, factor) = units.first(where: { text.hasSuffix($0.0) }) else { return nil }
        return Double(text.dropLast(unit.count)).map { $0 * factor }
    }
}
