// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import CPgQuery
import Synchronization

/// PostgreSQL's own parser, from libpg_query: the one place where that library is called.
enum QueryParser {
    // While it parses, the library points the process's standard error into a pipe and back; two threads at once would leave
    // it there.
    private static let lock = Mutex(())

    /// The longest statement that is parsed; the tree of a longer one costs more than it tells.
    private static let maximumLength = 20_000

    /// The tree of a text, or nothing where the parser (that of PostgreSQL 15) does not take it.
    static func tree(of text: String) -> ParseNode? {
        guard text.utf8.count <= Self.maximumLength else { return nil }
        let json: String? = Self.lock.withLock { _ in
            let result = pg_query_parse(text)
            defer { pg_query_free_parse_result(result) }
            guard result.error == nil, let tree = result.parse_tree else { return nil }
            return String(cString: tree)
        }
        return json.flatMap(ParseNode.init(json:))
    }

    /// What statements have in common that differ in nothing but their values; nothing where the parser does not take it.
    static func fingerprint(of text: String) -> String? {
        guard text.utf8.count <= Self.maximumLength else { return nil }
        return Self.lock.withLock { _ in
            let result = pg_query_fingerprint(text)
            defer { pg_query_free_fingerprint_result(result) }
            guard result.error == nil, let fingerprint = result.fingerprint_str else { return nil }
            return String(cString: fingerprint)
        }
    }

    /// Where each statement of a script stands, as ranges of its UTF-8 bytes, without semicolons.
    ///
    /// Comments and blanks before a statement are part of its range. The scanner alone decides, so a statement that the parser
    /// does not take spoils none of the others.
    static func statements(of script: String) -> [Range<Int>] {
        Self.lock.withLock { _ in
            let result = pg_query_split_with_scanner(script)
            defer { pg_query_free_split_result(result) }
            guard result.error == nil, let statements = result.stmts else { return [] }
            return (0..<Int(result.n_stmts)).compactMap { position in
                guard let statement = statements[position]?.pointee else { return nil }
                let start = Int(statement.stmt_location)
                return start..<start + Int(statement.stmt_len)
            }
        }
    }
}
