// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import FoundationEssentials

/// A `json` or `jsonb`: its text as it is stored, and what it decodes to.
///
/// ```swift
/// struct Address: Codable { var street: String, city: String }
/// let connection = try await PostgresConnection.connect(PostgresConfiguration("postgres://app@/erp"))
/// let documents = try await connection.query("SELECT address FROM erp_customer", as: PostgresJSON.self)
/// let addresses = try documents.map { try $0.decode(as: Address.self) }
/// let moved = try PostgresJSON(encoding: Address(street: "Mill Lane 1", city: "York"))
/// try await connection.execute("UPDATE erp_customer SET address = \(moved) WHERE id = \(7)")
/// ```
public struct PostgresJSON: Sendable, Hashable, PostgresDecodable, PostgresEncodable {
    /// The document.
    public var text: String

    /// Creates a value from a document's text, which the server checks.
    public init(_ text: String) { self.text = text }

    /// Encodes a value.
    ///
    /// - Throws: `EncodingError` where it has no JSON.
    public init(encoding value: some Encodable) throws {
        self.text = String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    /// A `json`, a `jsonb`, or a text.
    public init?(_ cell: PostgresCell) {
        guard let text = String(cell) else { return nil }
        self.text = text
    }

    /// Decodes the document.
    ///
    /// - Throws: `DecodingError` where it is of another shape.
    public func decode<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(self.text.utf8))
    }

    /// The text, as a `jsonb`; the server turns it into `json` where a column asks for that, as it writes a `jsonb`.
    ///
    /// `\(document, as: .json)` keeps the text as it is.
    public var bind: SQL.Bind { SQL.Bind(self.text, type: .jsonb) }
}
