// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The statements that the server keeps parsed for a connection, the least recently used first to go.
///
/// It decides and does nothing: the connection sends what a ``Plan`` says, and tells what became of it.
struct PreparedStatements {
    /// How to run a statement.
    enum Plan: Equatable {
        /// It is not kept: parse it and forget it.
        case unnamed
        /// The server has it under that name.
        case run(name: String)
        /// Have it parsed under that name.
        case prepare(name: String)

        /// The name it is run under.
        var name: String? {
            switch self {
            case .unnamed: nil
            case .run(let name), .prepare(let name): name
            }
        }
    }

    private struct Entry {
        var name: String
        var lastUse: Int
    }

    private let limit: Int
    private var entries: [String: Entry] = [:]
    private var uses = 0
    private var names = 0
    /// Names that the server still has and nobody needs any more.
    private var surplus: [String] = []

    /// - Parameter limit: how many are kept; none where 0.
    init(limit: Int) { self.limit = limit }

    /// Whether any are kept.
    var isUsed: Bool { self.limit > 0 }

    /// The name of a statement that is kept.
    mutating func name(of text: String) -> String? {
        guard let name = self.entries[text]?.name else { return nil }
        self.uses += 1
        self.entries[text]?.lastUse = self.uses
        return name
    }

    /// Says how to run a statement; one that is new counts as prepared from here on, unless ``forget(_:)`` says otherwise.
    mutating func plan(_ text: String) -> Plan {
        guard self.limit > 0 else { return .unnamed }
        if let name = self.name(of: text) { return .run(name: name) }
        self.uses += 1
        let evicted = self.entries.count < self.limit ? nil : self.entries.min { $0.value.lastUse < $1.value.lastUse }
        if let evicted {
            self.entries[evicted.key] = nil
            self.surplus.append(evicted.value.name)
        }
        self.names += 1
        let name = "millwright_\(self.names)"
        self.entries[text] = Entry(name: name, lastUse: self.uses)
        return .prepare(name: name)
    }

    /// The names to give back to the server now; those that it did not take go to ``keepForLater(_:)``.
    mutating func takeSurplus() -> [String] {
        defer { self.surplus = [] }
        return self.surplus
    }

    /// The server still has these.
    mutating func keepForLater(_ names: [String]) { self.surplus += names }

    /// The server has it no longer, or never had.
    mutating func forget(_ name: String) {
        if let text = self.entries.first(where: { $0.value.name == name })?.key { self.entries[text] = nil }
    }

    /// The server's plan is good no longer; returns whether it had one.
    mutating func forget(text: String) -> Bool { self.entries.removeValue(forKey: text) != nil }

    /// The server has none of them any more.
    mutating func forgetAll() {
        self.entries = [:]
        self.surplus = []
    }
}

extension SQL {
    /// What a kept plan is good for: the text, and the types of the values where they are given.
    var planKey: String {
        self.binds.allSatisfy { $0.type == .inferred } ? self.text : "\(self.text) \(self.bindTypes)"
    }

    /// The types of the values; 0 where the server infers one.
    var bindTypes: [UInt32] { self.binds.map(\.type.rawValue) }
}
