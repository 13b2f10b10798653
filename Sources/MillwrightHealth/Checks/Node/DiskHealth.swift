// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
public import MillwrightCore
import MillwrightIO

/// How full the file system below a folder is, in bytes and in inodes.
///
/// Critical, because it is local to the node.
///
/// The call can hang on a network file system that does not answer. It then holds one thread of its own, none that others
/// share, and the engine never asks twice.
public struct DiskHealth: TunableHealthCheck {
    /// What the settings can set.
    public static let thresholds: [Threshold<DiskHealth>] = [
        .share("warn", \.warnShare, "The share in use from which it warns."),
        .share("fail", \.failShare, "The share in use from which it fails."),
    ]

    /// The check's name.
    public let name: String
    /// What its failure means.
    public var criticality: HealthCriticality
    /// How often it runs.
    public var schedule: HealthSchedule
    /// The folder.
    public var path: String
    /// From this share on it warns.
    public var warnShare: Double
    /// From this share on it fails.
    public var failShare: Double
    private let threads = BlockingThreads(named: "millwright.disk", limit: 1)

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
        let path = self.path
        let use = await withCheckedContinuation { waiter in
            self.threads.run { waiter.resume(returning: DiskUse(path: path)) }
        }
        return use.map(self.result) ?? HealthResult(.fail, code: "disk.unreadable")
    }

    /// Judges the figures.
    func result(_ use: DiskUse) -> HealthResult {
        let share = max(use.share, use.inodeShare)
        let facts = [
            .percent("usage_percent", use.share),
            Evidence("available_bytes", .count(use.availableBytes)),
            .percent("inodes_percent", use.inodeShare),
        ]
        if share >= self.failShare { return HealthResult(.fail, code: "disk.full", facts: facts) }
        if use.isReadOnly { return HealthResult(.warn, code: "disk.read_only", facts: facts) }
        if share >= self.warnShare { return HealthResult(.warn, code: "disk.high", facts: facts) }
        return .pass(facts)
    }
}

/// What a file system says of itself.
struct DiskUse: Sendable, Hashable {
    var usedBytes: Int
    /// What an ordinary user can have: the blocks kept for root do not count, as `df` reckons.
    var availableBytes: Int
    var usedInodes = 0
    /// 0 of 0 where the file system makes inodes as it needs them.
    var availableInodes = 0
    var isReadOnly = false

    var share: Double { Self.share(self.usedBytes, self.availableBytes) }
    var inodeShare: Double { Self.share(self.usedInodes, self.availableInodes) }

    private static func share(_ used: Int, _ available: Int) -> Double {
        used + available > 0 ? Double(used) / Double(used + available) : 0
    }
}

extension DiskUse {
    /// Asks the file system below a folder, which may take for ever; `nil` where there is no such folder.
    init?(path: String) {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0 else { return nil }
        let block = Int(facts.f_frsize)
        self.init(
            usedBytes: Int(facts.f_blocks - facts.f_bfree) * block,
            availableBytes: Int(facts.f_bavail) * block,
            usedInodes: Int(facts.f_files - facts.f_ffree),
            availableInodes: Int(facts.f_favail),
            isReadOnly: facts.f_flag & UInt(ST_RDONLY) != 0
        )
    }
}
