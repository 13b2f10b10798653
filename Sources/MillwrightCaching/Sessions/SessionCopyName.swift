// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis

/// What a copy is called in Redis: `PREFIX:1:session:GENERATION:KEY`.
///
/// A generation begins with names that nothing stands under. The parts are put together where the command is written, because each
/// read does it.
struct SessionCopyName: RedisArgument {
    var scope: String
    var generation: Int
    var key: String

    func withRedisBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        // The widest number has 20 letters.
        let most = self.scope.utf8.count + Self.kind.utf8.count + 20 + 1 + self.key.utf8.count
        return try withUnsafeTemporaryAllocation(byteCount: most, alignment: 1) { buffer in
            var count = 0
            func append(_ part: String) {
                var part = part
                part.withUTF8 { bytes in
                    UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyBytes(from: bytes)
                    count += bytes.count
                }
            }
            append(self.scope)
            append(Self.kind)
            append(String(self.generation))
            append(":")
            append(self.key)
            return try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    private static let kind = "session:"
}
