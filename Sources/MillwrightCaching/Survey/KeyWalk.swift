// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis

/// Walks over one database with `SCAN`, within the survey's bounds; no value is read.
struct KeyWalk {
    let survey: CacheSurvey
    let redis: any RedisSending
    let layouts: [(alias: String, layout: KeyLayout)]

    /// So many keys a step: 500 `PTTL` take the server well below a millisecond.
    private static let step = 500

    func sample() async throws -> KeySample {
        var sample = KeySample()
        sample.keyCount = try await self.send(RedisCommand("DBSIZE")).decode(as: Int.self)
        // SCAN may return a key twice while the server resizes its table.
        var known: Set<String> = []
        var cursor = "0"
        let end = ContinuousClock.now + self.survey.walkTime
        repeat {
            let page = try await self.page(after: cursor)
            cursor = page.next
            let new = page.names.filter { known.insert($0).inserted }
            for key in try await self.keys(new, measured: known.count - new.count) {
                sample.add(key, layouts: self.layouts)
            }
        } while cursor != "0" && known.count < self.survey.maximumKeys && ContinuousClock.now < end
        sample.isComplete = cursor == "0"
        return sample
    }

    private func page(after cursor: String) async throws -> (next: String, names: [String]) {
        let answer = try await self.send(RedisCommand("SCAN", cursor, "COUNT", Self.step))
        guard let parts = answer.elements, parts.count == 2, let names = parts[1].elements else {
            throw RedisError(.decodingFailed)
        }
        // A name that is not UTF-8 is somebody else's; repaired, it still counts as one key.
        return (
            try parts[0].decode(as: String.self),
            names.compactMap { $0.bytes.map { String(decoding: $0, as: UTF8.self) } }
        )
    }

    private func keys(_ names: [String], measured: Int) async throws -> [KeySample.Key] {
        guard !names.isEmpty else { return [] }
        let sizes = names.prefix(max(0, self.survey.maximumMeasured - measured))
        let commands = names.map { RedisCommand("PTTL", $0) } + sizes.map { RedisCommand("MEMORY", "USAGE", $0) }
        let answers = try await self.redis.pipeline(commands, timeout: self.survey.commandTimeout)
        return try names.indices.map { index in
            if case .error(let error) = answers[index] { throw error }
            // Memory may be refused, or the key be gone by now: then it is not measured.
            let size = index < sizes.count ? try? answers[names.count + index].decode(as: Int.self) : nil
            return KeySample.Key(names[index], remainingMilliseconds: try answers[index].decode(), bytes: size)
        }
    }

    private func send(_ command: RedisCommand) async throws -> RedisValue {
        try await self.redis.send(command, timeout: self.survey.commandTimeout)
    }
}
