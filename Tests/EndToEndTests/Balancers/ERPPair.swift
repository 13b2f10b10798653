// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import FoundationNetworking
import MillwrightSandbox
import MillwrightTesting
import Synchronization
import Testing

/// Two processes of the example host, on ports of their own and the same database.
final class ERPPair: Sendable {
    /// Where they listen.
    let ports: [Int]
    private let prober: String
    private let environment: [String: String]
    private let hosts = Mutex<[BuiltHost]>([])

    /// Lends two that serve, and ends them.
    static func serving(prober: String, _ body: (ERPPair) async throws -> Void) async throws {
        try await ExampleHostTests.withStock { environment in
            let pair = try ERPPair(prober: prober, environment)
            let result: Result<Void, any Error>
            do {
                for number in [0, 1] { try await pair.start(number) }
                result = .success(try await body(pair))
            } catch { result = .failure(error) }
            for host in pair.hosts.withLock({ $0 }) { host.kill() }
            try result.get()
        }
    }

    private init(prober: String, _ environment: [String: String]) throws {
        let first = try #require(LoopbackPort.free())
        var second = first
        while second == first { second = try #require(LoopbackPort.free()) }
        self.ports = [first, second]
        self.prober = prober
        self.environment = environment
    }

    /// Ends one with SIGTERM, which must end it with 0, and starts it again; returns when it is ready.
    func restart(_ number: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let host = self.hosts.withLock { $0[number] }
        host.terminate()
        #expect(try await host.finished().status == 0, sourceLocation: sourceLocation)
        try await self.start(number)
    }

    private func start(_ number: Int) async throws {
        let arguments = ["runserver", "--port", "\(self.ports[number])", "--set", "health.prober=\(self.prober)"]
        let host = try BuiltHost(arguments, self.environment)
        self.hosts.withLock { hosts in
            if hosts.count > number { hosts[number] = host } else { hosts.append(host) }
        }
        let deadline = ContinuousClock.now + .seconds(30)
        while await ExampleHostTests.status(self.ports[number], "/readyz") != 200, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
