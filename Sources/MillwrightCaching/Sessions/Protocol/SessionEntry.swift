// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What stands under a session's key in Redis.
///
/// Three kinds, told apart by their first letter: a copy (`V`), a tombstone (`X`), and a token (`T`) of a reader that is about to fill
/// the key from PostgreSQL. A reader that finds nothing leaves a token *before* it asks PostgreSQL, and its copy is taken only where
/// the token still stands: whatever happened in between (a newer write, a deletion, a flush, an eviction) has removed it.
enum SessionEntry: Sendable, Hashable {
    case copy(StoredSession)
    case tombstone(version: Int)
    case token(String)

    /// The bytes: `V<version>:<expiry in ms since 1970>:<length of the user's name>:<user><payload>`.
    var bytes: [UInt8] {
        switch self {
        case .copy(let session):
            let user = Array((session.user ?? "").utf8)
            let hasUser = session.user == nil ? "-" : "\(user.count)"
            return Array("V\(session.version):\(session.expiresAtMilliseconds):\(hasUser):".utf8) + user
                + session.payload
        case .tombstone(let version): return Array("X\(version)".utf8)
        case .token(let token): return Array("T\(token)".utf8)
        }
    }

    /// Reads the bytes; `nil` where they are something else.
    init?(_ bytes: [UInt8]) {
        guard let kind = bytes.first else { return nil }
        var rest = bytes.dropFirst()
        switch kind {
        case UInt8(ascii: "T"): self = .token(String(decoding: rest, as: UTF8.self))
        case UInt8(ascii: "X"):
            guard let version = Int(String(decoding: rest, as: UTF8.self)) else { return nil }
            self = .tombstone(version: version)
        case UInt8(ascii: "V"):
            guard let version = Self.number(&rest), let expiry = Self.number(&rest) else { return nil }
            var user: String?
            if rest.first == UInt8(ascii: "-") {
                guard rest.dropFirst().first == UInt8(ascii: ":") else { return nil }
                rest = rest.dropFirst(2)
            } else {
                guard let count = Self.number(&rest), count <= rest.count else { return nil }
                user = String(decoding: rest.prefix(count), as: UTF8.self)
                rest = rest.dropFirst(count)
            }
            self = .copy(
                StoredSession(version: version, user: user, expiresAtMilliseconds: expiry, payload: Array(rest))
            )
        default: return nil
        }
    }

    /// Takes digits and the colon behind them; `nil` where something else stands there.
    private static func number(_ rest: inout ArraySlice<UInt8>) -> Int? {
        var (number, place) = (0, rest.startIndex)
        while place < rest.endIndex, case UInt8(ascii: "0")...UInt8(ascii: "9") = rest[place], number < Int.max / 100 {
            number = number * 10 + Int(rest[place] - UInt8(ascii: "0"))
            place += 1
        }
        guard place > rest.startIndex, place < rest.endIndex, rest[place] == UInt8(ascii: ":") else { return nil }
        rest = rest[(place + 1)...]
        return number
    }
}

/// A session as both stores hold it: what is in it is a payload that only the codec opens.
struct StoredSession: Sendable, Hashable {
    var version: Int
    /// Whose it is; `nil` before anybody logged in.
    var user: String?
    /// When it ends, in milliseconds since 1970 by PostgreSQL's clock.
    var expiresAtMilliseconds: Int
    var payload: [UInt8]
}
