// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightCore

/// How full the file system below a folder is.
///
/// Critical, because it is local to the node.
///
/// The call can hang on a network file system that does not answer; the engine then says `timeout` and never asks twice.
public struct DiskHealth: HealthCheck {
    /// The check's name.
    public let name: String
    /// What its failure means.
    public let criticality: HealthCriticality
    /// How often it runs.
    public let schedule: HealthSchedule
    /// The folder.
    public var path: String
    /// From this share on it warns.
    public var warnShare: Double
    /// From this share on it fails.
    public var failShare: Double

    /// Creates the check; it warns at 90 % and fails at 97 % unless told otherwise.
    public init(
        name: String = "disk",
        path: String = "/",
        criticality: HealthCriticality = .critical,
        schedule: HealthSchedule = HealthSchedule(interval: .seconds(10)),
        warnShare: Double = 0.90,
        failShare: Double = 0.97
    ) {
        self.name = name
        self.path = path
        self.criticality = criticality
        self.schedule = schedule
        self.warnShare = warnShare
        self.failShare = failShare
    }

    /// Looks once.
    public func run() async throws -> HealthResult {
        var facts = statvfs()
        guard statvfs(self.path, &facts) == 0 else { return HealthResult(.fail, code: "disk.unreadable") }
        let block = Int(facts.f_frsize)
        let used = Int(facts.f_blocks - facts.f_bfree) * block
        // What an ordinary user can have: the blocks kept for root do not count, as `df` reckons.
        let result = self.result(usedBytes: used, availableBytes: Int(facts.f_bavail) * block)
        guard result.status == .pass, facts.f_flag & UInt(ST_RDONLY) != 0 else { return result }
        return HealthResult(.warn, code: "disk.read_only", facts: result.facts)
    }

    /// Judges the figures.
    func result(usedBytes: Int, availableBytes: Int) -> HealthResult {
        let total = usedBytes + availableBytes
        let share = total > 0 ? Double(usedBytes) / Double(total) : 0
        let facts = [
            Evidence("usage_percent", .number((share * 1000).rounded() / 10)),
            Evidence("available_bytes", .count(availableBytes)),
        ]
        if share >= self.failShare { return HealthResult(.fail, code: "disk.full", facts: facts) }
        if share >= self.warnShare { return HealthResult(.warn, code: "disk.high", facts: facts) }
        return .pass(facts)
    }
}
