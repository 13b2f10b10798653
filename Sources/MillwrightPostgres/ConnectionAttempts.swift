// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Decides which server is tried next, for how long, and whether a failure ends the search.
///
/// libpq can walk through its hosts by itself, but without blocking it gives the first silent one all the time there is; so each
/// attempt here is one address, and gets its share of the time that is left.
struct ConnectionAttempts {
    /// Where to try: a host that may still have to be looked up, or one of its addresses.
    struct Target: Hashable {
        var host: String
        /// Empty for a socket, `nil` before the look-up.
        var address: String?
        var port: String
        /// `target_session_attrs`, where one is asked for.
        var sessionAttributes: String?
    }

    private var waiting: [Target]
    private var failures: [PostgresError] = []

    /// Lists what the connection string names.
    ///
    /// - Parameter value: libpq's value for a keyword, or `nil`.
    init(_ value: (String) -> String?) {
        func list(_ keyword: String) -> [String] {
            (value(keyword) ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let (hosts, addresses, ports) = (list("host"), list("hostaddr"), list("port"))
        let hasAddresses = value("hostaddr").map { !$0.isEmpty } ?? false
        let targets = (hasAddresses ? addresses : hosts).indices.map { index in
            let host = hosts.indices.contains(index) ? hosts[index] : ""
            let known = hasAddresses ? addresses[index] : NameLookup.isSocket(host) ? "" : nil
            // libpq takes one port for all hosts, or one for each
            let port = ports.count == 1 ? ports[0] : ports.indices.contains(index) ? ports[index] : ""
            return Target(
                host: host,
                address: known?.isEmpty == true && !NameLookup.isSocket(host) ? nil : known,
                port: port
            )
        }
        self.waiting = Self.passes(value("target_session_attrs")).flatMap { attributes in
            targets.map { target in
                var target = target
                target.sessionAttributes = attributes
                return target
            }
        }
    }

    /// `prefer-standby` looks for a standby everywhere before it takes what there is.
    private static func passes(_ attributes: String?) -> [String?] {
        attributes == "prefer-standby" ? ["standby", "any"] : [attributes]
    }

    /// Takes the next target, or `nil` where none is left.
    mutating func next() -> Target? { self.waiting.isEmpty ? nil : self.waiting.removeFirst() }

    /// How long the target just taken may take: the rest of the time is for those after it.
    func share(of remaining: Duration) -> Duration { remaining / (self.waiting.count + 1) }

    /// Puts the addresses of a host that was looked up in its place.
    mutating func found(_ addresses: [String], of target: Target) {
        let targets = addresses.map { address in
            var target = target
            target.address = address
            return target
        }
        self.waiting.insert(contentsOf: targets, at: 0)
    }

    /// Notes a failure; returns whether the others are still to be tried.
    ///
    /// As with libpq a server that answers ends the search, unless it is starting or shutting down: a wrong password is not tried
    /// everywhere.
    mutating func failed(_ error: PostgresError) -> Bool {
        self.failures.append(error)
        return error.sqlState == nil || error.sqlState == "57P03"
    }

    /// What to throw when the search is over: what the server said that answered, or what all of them failed with.
    var failure: PostgresError {
        guard let last = self.failures.last else {
            return PostgresError(.connectionFailed, serverMessage: "the connection string names no host")
        }
        guard self.failures.count > 1, last.sqlState == nil || last.sqlState == "57P03" else { return last }
        let isTimeout = self.failures.allSatisfy { $0.code == .timedOut }
        return PostgresError(
            isTimeout ? .timedOut : .connectionFailed,
            sqlState: self.failures.compactMap(\.sqlState).first,
            serverMessage: self.failures.map { $0.serverMessage ?? "a host did not answer in time" }.joined(
                separator: "\n"
            )
        )
    }
}
