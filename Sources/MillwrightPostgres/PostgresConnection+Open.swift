// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightIO
import Synchronization

extension PostgresConnection {
    /// Connects within `connectTimeout`, name look-ups included.
    func open() async throws {
        let opening = try self.beginOpening()
        let outcome = await withTaskCancellationHandler {
            await self.search()
        } onCancel: {
            self.cancel(opening)
        }
        if let failure = outcome {
            self.abandon(failure)
            throw await self.end(opening, failure: failure)
        }
        let late = await self.end(opening)
        if self.handle == nil { throw late }  // given up just as it stood
        try await self.settleSession(within: opening.deadline.remaining)
    }

    /// Puts right what the other end does not do as a server of PostgreSQL itself does.
    private func settleSession(within timeout: Duration?) async throws {
        if let style = self.handle?.parameter("DateStyle"), !style.hasPrefix("ISO") {
            // PgBouncer keeps this one apart for each client
            try await self.execute("SET DateStyle = ISO", timeout: timeout)
        }
        // A pooler takes the guards, and may ignore them; it gives itself away by the process id.
        if !self.configuration.guards.isEmpty, !self.isBehindPooler {
            let pids = try await self.query("SELECT pg_catalog.pg_backend_pid()", timeout: timeout, as: Int32.self)
            self.isBehindPooler = pids.first != self.backendPID
        }
    }

    /// Tries one server after another until one takes the connection; returns what the search failed with.
    private func search() async -> (any Error)? {
        do {
            try Task.checkCancellation()
            let plan = try self.plan()
            var attempts = ConnectionAttempts { plan.values[$0] }
            while let target = attempts.next() {
                do {
                    self.allowAttempt { min(attempts.share(of: $0), plan.attemptLimit) }
                    guard target.address != nil else {
                        let addresses = try await self.resolve(target.host)
                        attempts.found(addresses, of: target)
                        continue
                    }
                    try await self.connect(to: target, plan)
                    return nil
                } catch let error as PostgresError {
                    try self.checkOpening()
                    guard attempts.failed(error) else { break }
                }
            }
            throw attempts.failure
        } catch {
            return error
        }
    }

    /// The connection string's own parameters, ours beside them, and everything that libpq makes of them.
    private struct Plan {
        var parameters: [(keyword: String, value: String)]
        var values: [String: String]
        /// The guards, as the `options` parameter; `nil` where none are asked for.
        var options: String?

        /// `connect_timeout`, which libpq counts for each server.
        var attemptLimit: Duration {
            let seconds = self.values["connect_timeout"].flatMap { Int($0) } ?? 0
            return seconds > 0 ? .seconds(seconds) : .seconds(86_400)
        }
    }

    private func plan() throws -> Plan {
        let parsed = try Conninfo.parse(self.configuration.url.reveal())
        let values = Conninfo.resolved(parsed)
        let ours = ["host", "hostaddr", "port", "target_session_attrs", "client_encoding"]
        var parameters = parsed.filter { !ours.contains($0.keyword) }
        parameters.append(("fallback_application_name", self.configuration.applicationName))
        parameters.append(("client_encoding", "UTF8"))
        // An idle connection, as a listener's, must notice within two minutes that its server's machine is gone.
        for (keyword, value) in [("keepalives_idle", "60"), ("keepalives_interval", "15"), ("keepalives_count", "4")]
        where values[keyword] == nil {
            parameters.append((keyword, value))
        }
        let guards = self.configuration.guards
        let options = [values["options"], guards.connectionOptions].compactMap { $0 }.joined(separator: " ")
        return Plan(parameters: parameters, values: values, options: guards.isEmpty ? nil : options)
    }

    /// PgBouncer refuses the `options` parameter: then the session goes without, and says so.
    private func connect(to target: ConnectionAttempts.Target, _ plan: Plan) async throws {
        var parameters = plan.parameters
        if !target.host.isEmpty { parameters.append(("host", target.host)) }
        if let address = target.address, !address.isEmpty { parameters.append(("hostaddr", address)) }
        if !target.port.isEmpty { parameters.append(("port", target.port)) }
        if let attributes = target.sessionAttributes { parameters.append(("target_session_attrs", attributes)) }
        guard let options = plan.options else { return try await self.connect(parameters) }
        do {
            try await self.connect(parameters.filter { $0.keyword != "options" } + [("options", options)])
        } catch let error as PostgresError where error.isRefusedParameter {
            self.isBehindPooler = true
            try await self.connect(parameters)
        }
    }

    private func connect(_ parameters: [(keyword: String, value: String)]) async throws {
        let handle = PostgresHandle(parameters: parameters, loop: self.loop)
        self.adopt(handle)
        var poll = handle.isBad ? PostgresHandle.Poll.failed : .writing
        while poll == .reading || poll == .writing {
            try await self.socketReady(handle, for: poll == .reading ? .read : .write)
            poll = handle.poll()
        }
        guard poll == .connected else {
            let error = PostgresError(.connectionFailed, libpqMessage: handle.errorMessage)
            self.abandon(error)
            throw error
        }
        self.connected(handle)
    }

    private func resolve(_ host: String) async throws -> [String] {
        let answer = Answer()
        defer { answer.isWanted.store(false, ordering: .relaxed) }
        NameLookup.resolve(host, unless: { !answer.isWanted.load(ordering: .relaxed) }) { addresses in
            answer.addresses.withLock { $0 = addresses }
            Task(executorPreference: self.loop) { await self.signal() }
        }
        // a look-up that was given up before may answer now, and wake whoever waits
        while !answer.isThere { try await self.waitForSignal(unless: { answer.isThere }) }
        guard let addresses = answer.addresses.withLock({ $0 }), !addresses.isEmpty else {
            throw PostgresError(.connectionFailed, serverMessage: "could not translate host name")
        }
        return addresses
    }

    /// What a name look-up found.
    private final class Answer: Sendable {
        let addresses = Mutex<[String]?>(nil)
        let isWanted = Atomic(true)
        var isThere: Bool { self.addresses.withLock { $0 != nil } }
    }
}

extension PostgresError {
    /// Reads the SQLSTATE out of a failed or lost connection's message, where the server sent one.
    ///
    /// libpq has no other way to it: with `PQERRORS_VERBOSE` the message says `FATAL:  28P01: …`.
    init(_ code: Code, libpqMessage message: String) {
        var sqlState: String?
        for severity in ["FATAL:  ", "ERROR:  ", "PANIC:  "] {
            guard let range = message.firstRange(of: severity) else { continue }
            let code = message[range.upperBound...].prefix(5)
            if code.count == 5, code.allSatisfy({ $0.isASCII && ($0.isNumber || $0.isUppercase) }) {
                sqlState = String(code)
            }
        }
        self.init(code, sqlState: sqlState, serverMessage: message)
    }

    /// Whether a pooler would not take the `options` parameter.
    fileprivate var isRefusedParameter: Bool {
        self.code == .connectionFailed && self.serverMessage?.contains("unsupported startup parameter") ?? false
    }
}
