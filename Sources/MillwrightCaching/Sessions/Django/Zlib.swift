// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import CZlib

/// zlib streams (RFC 1950), as `zlib.compress` of Python writes them.
enum Zlib {
    /// The most that a stream may unfold to: a session is small, and a bomb is not.
    static let maximumBytes = 16 * 1_024 * 1_024

    /// The compressed bytes; `nil` where zlib would not.
    static func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        var length = compressBound(UInt(bytes.count))
        var result = [UInt8](repeating: 0, count: Int(length))
        guard compress(&result, &length, bytes, UInt(bytes.count)) == Z_OK else { return nil }
        return Array(result.prefix(Int(length)))
    }

    /// The bytes that a stream unfolds to; `nil` where it is damaged, cut short or too large.
    static func expanded(_ bytes: [UInt8]) -> [UInt8]? {
        var capacity = max(256, bytes.count * 4)
        while capacity <= Self.maximumBytes {
            var length = UInt(capacity)
            var result = [UInt8](repeating: 0, count: capacity)
            switch uncompress(&result, &length, bytes, UInt(bytes.count)) {
            case Z_OK: return Array(result.prefix(Int(length)))
            case Z_BUF_ERROR: capacity *= 4
            default: return nil
            }
        }
        return nil
    }
}
