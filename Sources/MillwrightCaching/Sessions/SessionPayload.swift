// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// What is in a session, as bytes: `J` and JSON, or `E` and JSON encrypted.
enum SessionPayload {
    static func encode(_ values: [String: JSONValue], row: String, encryption: SessionEncryption?) throws -> [UInt8] {
        let members = values.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
        let plain = Array(JSONValue.object(members).text(pretty: false).utf8)
        guard let encryption else { return [UInt8(ascii: "J")] + plain }
        return [UInt8(ascii: "E")] + (try encryption.seal(plain, row: row))
    }

    /// - Throws: ``SessionError/Code/cannotOpen``.
    static func decode(_ payload: [UInt8], row: String, encryption: SessionEncryption?) throws -> [String: JSONValue] {
        let plain: ArraySlice<UInt8>
        switch payload.first {
        case UInt8(ascii: "J"): plain = payload.dropFirst()
        case UInt8(ascii: "E"):
            guard let encryption else {
                throw SessionError(.cannotOpen, hint: "It is encrypted, and no key is configured.")
            }
            plain = try encryption.open(payload.dropFirst(), row: row)[...]
        default: throw SessionError(.cannotOpen)
        }
        guard case .object(let members)? = JSONValue(parsing: plain) else { throw SessionError(.cannotOpen) }
        var values = [String: JSONValue](minimumCapacity: members.count)
        for (key, value) in members { values[key] = value }
        return values
    }
}
