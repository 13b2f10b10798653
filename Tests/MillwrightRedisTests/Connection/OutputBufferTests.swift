// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightRedis

@Suite("The output buffer")
struct OutputBufferTests {
    @Test("writes every byte once and in order, however little the socket takes", arguments: [1, 7, 20_000, 1_000_000])
    func order(step: Int) {
        var output = OutputBuffer()
        var random = SystemRandomNumberGenerator()
        var sent: [UInt8] = []
        var written: [UInt8] = []

        for size in [3, 10, 20_000, 5, 70_000, 1, 40_000, 30_000, 2] {
            let piece = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
            sent += piece
            output.append(piece)
            var budget = step
            output.drain { bytes in
                let count = min(budget, bytes.count)
                budget -= count
                written += bytes.prefix(count)
                return count == 0 ? nil : count
            }
        }
        output.drain { bytes in
            written += bytes
            return bytes.count
        }

        #expect(written == sent)
        #expect(output.isEmpty)
        #expect(output.appended == sent.count)
        #expect(output.written == sent.count)
    }

    @Test("lets small commands leave together")
    func together() {
        var output = OutputBuffer()
        for number in 0..<100 { output.append(RedisCommand("GET", number).wire) }
        var writes = 0

        output.drain { bytes in
            writes += 1
            return bytes.count
        }

        #expect(writes == 1)
    }
}
