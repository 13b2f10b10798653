// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Quotes an identifier for a statement that a person will paste, as `quote_ident` does.
func quoted(_ name: String) -> String {
    let isPlain =
        name.first.map { $0 == "_" || ("a"..."z").contains($0) } ?? false
        && name.allSatisfy { $0 == "_" || ("a"..."z").contains($0) || ("0"..."9").contains($0) }
    return isPlain && !reservedWords.contains(name) ? name : "\"\(doubling("\"", in: name))\""
}

/// The last part of a name that is quoted and qualified, as the catalog has it: `public."Odd.ix"` gives `Odd.ix`.
func unqualified(_ name: String) -> String {
    var last = ""
    var isQuoted = false
    for character in name {
        if character == "\"" { isQuoted.toggle() }
        if character == ".", !isQuoted { last = "" } else { last.append(character) }
    }
    guard last.count >= 2, last.first == "\"", last.last == "\"" else { return last }
    return String(last.dropFirst().dropLast().replacing("\"\"", with: "\""))
}

/// Quotes a text literal for a statement that a person will paste.
func literal(_ text: String) -> String {
    let quotes = "'\(doubling("'", in: text))'"
    return text.contains("\\") ? "E" + doubling("\\", in: quotes) : quotes
}

private func doubling(_ quote: Character, in text: String) -> String {
    text.reduce(into: "") { $0 += $1 == quote ? "\(quote)\(quote)" : "\($1)" }
}

// Reserved in PostgreSQL 14 to 18, from `pg_get_keywords()`.
private let reservedWords = Set(
    """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate
    collation column concurrently constraint create cross current_catalog current_date current_role current_schema
    current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch
    for foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral
    leading left like limit localtime localtimestamp natural not notnull null offset on only or order outer
    overlaps placing primary references returning right select session_user similar some symmetric table
    tablesample then to trailing true union unique user using variadic verbose when where window with
    """.split { $0 == " " || $0 == "\n" }.map(String.init)
)
