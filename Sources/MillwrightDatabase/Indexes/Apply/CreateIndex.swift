// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// A CREATE INDEX statement, taken apart as far as building it safely needs: the rest is the server's to judge.
public struct CreateIndex: Sendable, Hashable {
    /// The index's name, unquoted; `nil` where the server shall choose one.
    public var name: String?
    /// The table's schema, unquoted; `nil` where the search path finds it.
    public var schema: String?
    /// The table, unquoted.
    public var table: String
    /// Whether it is UNIQUE.
    public var isUnique: Bool
    /// What follows the table's name: method, keys, INCLUDE, storage parameters and predicate.
    public var rest: String

    /// Reads one or several statements.
    ///
    /// - Throws: ``ToolError`` with the code of wrong usage for what is no CREATE INDEX.
    public static func parse(_ text: String) throws(ToolError) -> [CreateIndex] {
        guard let tree = QueryParser.tree(of: text) else { throw Self.refused("It cannot be parsed.") }
        var all: [CreateIndex] = []
        let bytes = Array(text.utf8)
        for statement in tree["stmts"]?.elements ?? [] {
            guard let index = statement["stmt"]?["IndexStmt"] else { throw Self.refused("It is another statement.") }
            let start = Int(statement["stmt_location"]?.number ?? 0)
            let length = statement["stmt_len"]?.number.map { Int($0) } ?? bytes.count - start
            all.append(try Self(index, in: bytes[..<(start + length)]))
        }
        guard !all.isEmpty else { throw Self.refused("There is no statement in it.") }
        return all
    }

    /// Creates one from an index that was advised.
    public init(_ definition: IndexDefinition, name: String? = nil) throws(ToolError) {
        self = try Self.parse(definition.sql())[0]
        self.name = name ?? self.name
    }

    private init(_ node: ParseNode, in bytes: ArraySlice<UInt8>) throws(ToolError) {
        guard let relation = node["relation"], let table = relation["relname"]?.text,
            let location = relation["location"]?.number
        else { throw Self.refused("It names no table.") }
        self.name = node["idxname"]?.text
        self.schema = relation["schemaname"]?.text
        self.table = table
        self.isUnique = node["unique"] == .flag(true)
        var scanner = NameScanner(bytes: bytes, position: Int(location))
        scanner.skipName()
        if self.schema != nil { scanner.skipName(after: UInt8(ascii: ".")) }
        var rest = bytes[scanner.position...]
        while let last = rest.last, [32, 9, 10, 13, UInt8(ascii: ";")].contains(last) { rest = rest.dropLast() }
        self.rest = String(decoding: rest.drop { [32, 9, 10, 13].contains($0) }, as: UTF8.self)
    }

    /// The table as the statement names it, quoted where it needs to be.
    var namedTable: String { self.schema.map { "\(quoted($0)).\(quoted(self.table))" } ?? quoted(self.table) }

    private static func refused(_ why: String) -> ToolError {
        ToolError(
            .usage,
            tried: "Read a CREATE INDEX statement.",
            stopped: why,
            next: "Give it as PostgreSQL takes it: CREATE INDEX ON orders (customer_id)."
        )
    }
}

/// Finds where a name ends that may be quoted and have blanks around it.
private struct NameScanner {
    let bytes: ArraySlice<UInt8>
    var position: Int

    private var next: UInt8? { self.position < self.bytes.endIndex ? self.bytes[self.position] : nil }

    mutating func skipName(after mark: UInt8? = nil) {
        self.skipSpace()
        if let mark, self.next == mark { self.position += 1 }
        self.skipSpace()
        guard self.next == UInt8(ascii: "\"") else {
            let ends: Set<UInt8> = Set(" \t\r\n.(\"".utf8)
            while let byte = self.next, !ends.contains(byte) { self.position += 1 }
            return
        }
        repeat {
            self.position += 1
            while let byte = self.next, byte != UInt8(ascii: "\"") { self.position += 1 }
            self.position += 1
        } while self.next == UInt8(ascii: "\"")
    }

    private mutating func skipSpace() {
        while let byte = self.next, [32, 9, 10, 13].contains(byte) { self.position += 1 }
    }
}
