// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import MillwrightPostgres

@Suite("Several hosts", .serialized, .timeLimit(.minutes(2)))
struct HostTests {
    /// Listens on a loopback port, and never answers.
    private final class SilentServer: Sendable {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)

        deinit { close(self.descriptor) }

        func listenOnLoopback() -> UInt16 {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = bind(self.descriptor, $0, length)
                    _ = listen(self.descriptor, 16)
                    _ = getsockname(self.descriptor, $0, &length)
                }
            }
            return UInt16(bigEndian: address.sin_port)
        }
    }

    /// The folder of a server's socket, and its port.
    private func socket(of server: String, in servers: TestServers) throws -> (folder: String, port: Int) {
        let path = try #require(servers.state[server]?.socket)
        let parts = try #require(path.firstRange(of: "/.s.PGSQL."))
        return (String(path[..<parts.lowerBound]), try #require(Int(path[parts.upperBound...])))
    }

    @Test("Hosts that are not there are passed over, and the one that is gets the connection")
    func passedOver() async throws {
        let servers = try await TestServers.shared()
        let (folder, port) = try self.socket(of: "postgres", in: servers)
        let configuration = testConfiguration(
            "host=/nonexistent,no-such-host.invalid,127.0.0.1,\(folder) port=1,2,1,\(port) user=postgres dbname=postgres"
        )

        let connection = try await PostgresConnection.connect(configuration)

        #expect(try await connection.query("SELECT 1", as: Int.self) == [1])
        await connection.close()
    }

    @Test("A host that takes the connection and then says nothing costs its share of the time, not all of it")
    func silent() async throws {
        let servers = try await TestServers.shared()
        let (folder, port) = try self.socket(of: "postgres", in: servers)
        let silent = SilentServer()
        let silentPort = silent.listenOnLoopback()
        // A busy machine may not make the connection in one share of two seconds: it has nine of them.
        let hosts = ["127.0.0.1"] + Array(repeating: folder, count: 9)
        let ports = ["\(silentPort)"] + Array(repeating: "\(port)", count: 9)
        var configuration = testConfiguration(
            "host=\(hosts.joined(separator: ",")) port=\(ports.joined(separator: ",")) user=postgres dbname=postgres"
        )
        configuration.connectTimeout = .seconds(20)

        // It would throw, had the first host taken all of the time.
        let connection = try await PostgresConnection.connect(configuration)

        #expect(try await connection.query("SELECT 1", as: Int.self) == [1])
        await connection.close()
    }

    @Test("Where all hosts are silent, the deadline holds for all of them together")
    func allSilent() async throws {
        let silent = SilentServer()
        let port = silent.listenOnLoopback()
        var configuration = testConfiguration("host=127.0.0.1,127.0.0.1,127.0.0.1 port=\(port) user=a dbname=a")
        configuration.connectTimeout = .milliseconds(600)
        let clock = ContinuousClock()
        let start = clock.now

        let error = await #expect(throws: PostgresError.self) { try await PostgresConnection.connect(configuration) }

        #expect(error?.code == .timedOut)
        #expect(error?.mayHaveRun == false)
        #expect(clock.now - start < .seconds(5))
    }

    @Test("target_session_attrs finds the primary or the standby, wherever it stands in the list")
    func sessionAttributes() async throws {
        var plan = SandboxPlan.postgresOnly
        plan.standby = true
        let servers = try await TestServers.private(plan)
        let (primary, standby) = (
            try self.socket(of: "postgres", in: servers), try self.socket(of: "standby", in: servers)
        )
        func isStandby(_ attributes: String, _ hosts: [(folder: String, port: Int)]) async throws -> Bool {
            let list =
                "host=\(hosts.map(\.folder).joined(separator: ",")) port=\(hosts.map { "\($0.port)" }.joined(separator: ","))"
            let connection = try await PostgresConnection.connect(
                testConfiguration("\(list) user=postgres dbname=postgres target_session_attrs=\(attributes)")
            )
            let isInRecovery = try await connection.query("SELECT pg_is_in_recovery()", as: Bool.self)[0]
            await connection.close()
            return isInRecovery
        }

        #expect(try await !isStandby("read-write", [standby, primary]))
        #expect(try await !isStandby("primary", [standby, primary]))
        #expect(try await isStandby("standby", [primary, standby]))
        #expect(try await isStandby("prefer-standby", [primary, standby]))
        #expect(try await !isStandby("prefer-standby", [primary, primary]))
        let error = await #expect(throws: PostgresError.self) { _ = try await isStandby("read-write", [standby]) }
        #expect(error?.description.contains("standby") == true)
        try await servers.remove()
    }
}

@Suite("Attempts to connect")
struct ConnectionAttemptsTests {
    private func attempts(_ values: [String: String]) -> ConnectionAttempts { ConnectionAttempts { values[$0] } }

    private func all(_ values: [String: String]) -> [ConnectionAttempts.Target] {
        var attempts = self.attempts(values)
        var targets: [ConnectionAttempts.Target] = []
        while let target = attempts.next() { targets.append(target) }
        return targets
    }

    @Test("One port is for all hosts, several are one for each, and a socket needs no look-up")
    func targets() {
        let one = self.all(["host": "a,/tmp,b", "port": "5"])
        let each = self.all(["host": "a,b", "port": "5,6"])
        let addresses = self.all(["host": "a,b", "hostaddr": "10.0.0.1,10.0.0.2"])

        #expect(one.map(\.port) == ["5", "5", "5"])
        #expect(one.map(\.address) == [nil, "", nil])
        #expect(each.map(\.port) == ["5", "6"])
        #expect(addresses.map(\.address) == ["10.0.0.1", "10.0.0.2"])
        #expect(addresses.map(\.host) == ["a", "b"])
        #expect(self.all([:]) == [ConnectionAttempts.Target(host: "", address: "", port: "")])
    }

    @Test("A preferred standby is looked for everywhere before anything else is taken")
    func preference() {
        let targets = self.all(["host": "a,b", "target_session_attrs": "prefer-standby"])

        #expect(targets.map(\.host) == ["a", "b", "a", "b"])
        #expect(targets.map(\.sessionAttributes) == ["standby", "standby", "any", "any"])
    }

    @Test("Each attempt gets its share of what is left, and a host's addresses share its")
    func shares() throws {
        var attempts = self.attempts(["host": "a,/tmp"])
        let next = attempts.next()
        let first = try #require(next)

        #expect(attempts.share(of: .seconds(4)) == .seconds(2))
        attempts.found(["10.0.0.1", "10.0.0.2"], of: first)
        let one = attempts.next()
        #expect(attempts.share(of: .seconds(3)) == .seconds(1))
        let two = attempts.next()
        let three = attempts.next()
        #expect(attempts.share(of: .seconds(3)) == .seconds(3))
        let none = attempts.next()
        #expect([one?.address, two?.address] == ["10.0.0.1", "10.0.0.2"])
        #expect(three?.host == "/tmp")
        #expect(none == nil)
    }

    @Test("A server that answers ends the search, unless it is only starting; all failures together are told")
    func failures() {
        var attempts = self.attempts(["host": "a,b,c"])

        let goesOn = [
            attempts.failed(PostgresError(.connectionFailed, serverMessage: "Connection refused")),
            attempts.failed(PostgresError(.timedOut)),
            attempts.failed(PostgresError(.connectionFailed, sqlState: "57P03", serverMessage: "starting")),
        ]
        let all = attempts.failure
        let last = attempts.failed(PostgresError(.connectionFailed, sqlState: "28P01"))

        #expect(goesOn == [true, true, true])
        #expect(all.code == .connectionFailed)
        #expect(all.sqlState == "57P03")
        #expect(all.serverMessage?.split(separator: "\n").count == 3)
        #expect(!last)
        #expect(attempts.failure.sqlState == "28P01")
    }
}
