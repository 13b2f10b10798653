// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightIO

extension PostgresConnection {
    /// Connects within `connectTimeout`, name look-up included.
    func open() async throws {
        let opening = try self.beginOpening()
        let outcome = await withTaskCancellationHandler {
            await self.openWithFallback()
        } onCancel: {
            self.cancel(opening)
        }
        if let failure = outcome {
            self.abandon(failure)
            throw await self.end(opening, failure: failure)
        }
        let late = await self.end(opening)
        if self.handle == nil { throw late }  // given up just as it stood
        if let style = self.handle?.parameter("DateStyle"), !style.hasPrefix("ISO") {
            try await self.execute("SET DateStyle = ISO")  // PgBouncer keeps this one apart for each client
        }
    }

    /// PgBouncer refuses the `options` parameter: then the session goes without, and says so.
    private func openWithFallback() async -> (any Error)? {
        do {
            try Task.checkCancellation()
            let parameters = try await self.resolvedParameters()
            do {
                try await self.connect(parameters + self.sessionOptions(parameters))
            } catch let error as PostgresError where error.isRefusedParameter {
                self.refusedParameters = true
                try await self.connect(parameters)
            }
            return nil
        } catch {
            return error
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

    /// The connection string's parameters, with an address beside each host name.
    private func resolvedParameters() async throws -> [(keyword: String, value: String)] {
        var parameters = try Conninfo.parse(self.configuration.url.reveal())
        let defaults = Conninfo.defaults()
        func value(_ keyword: String) -> String? {
            parameters.first { $0.keyword == keyword }?.value ?? defaults[keyword]
        }
        let hosts = (value("host") ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        if value("hostaddr") == nil, hosts.contains(where: { !NameLookup.isSocket($0) }) {
            let ports = (value("port") ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            let targets = try await self.resolve(hosts: hosts, ports: ports)
            parameters.removeAll { ["host", "hostaddr", "port"].contains($0.keyword) }
            parameters.append(("host", targets.hosts.joined(separator: ",")))
            parameters.append(("hostaddr", targets.addresses.joined(separator: ",")))
            parameters.append(("port", targets.ports.joined(separator: ",")))
        }
        parameters.append(("fallback_application_name", self.configuration.applicationName))
        parameters.removeAll { $0.keyword == "client_encoding" }
        parameters.append(("client_encoding", "UTF8"))
        return parameters
    }

    private func resolve(hosts: [String], ports: [String]) async throws -> NameLookup.Targets {
        let answer = Answer()
        try await self.waitForSignal {
            NameLookup.resolve(hosts: hosts, ports: ports) { targets in
                Task(executorPreference: self.loop) { await self.resolved(targets, answer) }
            }
            return true
        }
        guard let targets = answer.targets else {
            throw PostgresError(.connectionFailed, serverMessage: "could not translate host name")
        }
        return targets
    }

    private func resolved(_ targets: NameLookup.Targets?, _ answer: Answer) {
        answer.targets = targets
        self.signal()
    }

    /// The session's guards, as the `options` parameter; none where nothing is asked for.
    private func sessionOptions(
        _ parameters: [(keyword: String, value: String)]
    ) -> [(keyword: String, value: String)] {
        var options: [String] = []
        if let timeout = self.configuration.lockTimeout {
            options.append("-c lock_timeout=\(timeout.wholeMilliseconds)")
        }
        if self.configuration.isReadOnly { options.append("-c default_transaction_read_only=on") }
        guard !options.isEmpty else { return [] }
        let own = parameters.first { $0.keyword == "options" }?.value ?? Conninfo.defaults()["options"]
        return [("options", ([own].compactMap { $0 } + options).joined(separator: " "))]
    }

    /// What a name look-up found; written and read on the loop.
    private final class Answer: @unchecked Sendable {
        var targets: NameLookup.Targets?
    }
}

extension Duration {
    /// Whole milliseconds, at least 1: PostgreSQL takes 0 for "no limit".
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = self.components
        return max(1, seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
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
