// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The URL of a PostgreSQL server on a Unix socket, as libpq reads it.
enum PostgresURL {
    /// Returns the URL; the port is always named, because libpq would take another from `PGPORT`.
    static func text(socketFolder: String, port: Int, role: String, database: String) -> String {
        "postgres://\(Self.escaped(role))@/\(Self.escaped(database))?host=\(Self.escaped(socketFolder))&port=\(port)"
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let character = Character(UnicodeScalar(byte))
            if byte < 0x80 && (character.isLetter || character.isNumber || "-._~".contains(character)) {
                return String(character)
            }
            return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}
