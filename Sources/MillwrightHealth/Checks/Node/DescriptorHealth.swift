// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
public import MillwrightCore

/// How many of its file descriptors this process has in use.
///
/// Critical: a process without any left can accept nobody and open nothing.
public struct DescriptorHealth: TunableHealthCheck {
    /// What the settings can set.
    public static let thresholds: [Threshold<DescriptorHealth>] = [
        .share("warn", \.warnShare, "The share in use from which it warns."),
        .share("fail", \.failShare, "The share in use from which it fails."),
    ]

    /// The check's name.
    public let name: String
    /// What its failure means.
    public var criticality: HealthCriticality
    /// How often it runs.
    public var schedule: HealthSchedule
    /// From this share on it warns.
    public var warnShare = 0.80
    /// From this share on it fails.
    public var failShare = 0.95

    /// Creates the check.
    public init(
        name: String = "descriptors",
        criticality: HealthCriticality = .critical,
        schedule: HealthSchedule = HealthSchedule(interval: .seconds(10))
    ) {
        self.name = name
        self.criticality = criticality
        self.schedule = schedule
    }

    /// Looks once.
    public func run() async throws -> HealthResult {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return HealthResult(.warn, code: "descriptors.unknown")
        }
        let maximum = Int(clamping: limit.rlim_cur)
        guard let open = Self.count() else {
            return errno == EMFILE
                ? self.result(open: maximum, maximum: maximum) : HealthResult(.warn, code: "descriptors.unknown")
        }
        return self.result(open: open, maximum: maximum)
    }

    /// Judges the figures.
    func result(open: Int, maximum: Int) -> HealthResult {
        let share = maximum > 0 ? Double(open) / Double(maximum) : 0
        let facts = [
            .percent("usage_percent", share), Evidence("open", .count(open)),
            Evidence("maximum", .count(maximum)),
        ]
        return .judged(
            share,
            warn: (self.warnShare, "descriptors.high"),
            fail: (self.failShare, "descriptors.exhausted"),
            facts: facts
        )
    }

    /// How many are open, the one that counts them left out; `nil` where they cannot be counted.
    static func count() -> Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        // `.`, `..` and the folder itself are no descriptors of the program.
        var count = -3
        while readdir(folder) != nil { count += 1 }
        return count
    }
}
