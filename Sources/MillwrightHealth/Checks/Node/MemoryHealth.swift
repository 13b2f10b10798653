// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// How much of its memory the host, or the container that this process lives in, has in use.
///
/// Critical, because it is local to the node: the kernel kills the process that asks for the last page.
public struct MemoryHealth: TunableHealthCheck {
    /// What the settings can set.
    public static let thresholds: [Threshold<MemoryHealth>] = [
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
    public var warnShare: Double
    /// From this share on it fails.
    public var failShare: Double

    /// Creates the check; it warns at 85 % and fails at 90 % unless told otherwise.
    public init(
        name: String = "memory",
        criticality: HealthCriticality = .critical,
        schedule: HealthSchedule = HealthSchedule(),
        warnShare: Double = 0.85,
        failShare: Double = 0.90
    ) {
        self.name = name
        self.criticality = criticality
        self.schedule = schedule
        self.warnShare = warnShare
        self.failShare = failShare
    }

    /// Looks once.
    public func run() async throws -> HealthResult {
        guard let host = SystemFile.read("/proc/meminfo").flatMap(MemoryUse.init(meminfo:)) else {
            return HealthResult(.warn, code: "memory.unknown")
        }
        return self.result(host: host, container: Self.container())
    }

    /// Judges by whichever is fuller.
    func result(host: MemoryUse, container: MemoryUse?) -> HealthResult {
        let tighter = container.map { $0.share > host.share ? $0 : host } ?? host
        let share = tighter.share
        let facts = [
            .percent("usage_percent", share),
            Evidence("used_bytes", .count(tighter.usedBytes)),
            Evidence("total_bytes", .count(tighter.totalBytes)),
            Evidence("scope", .text(tighter == container ? "container" : "host")),
        ]
        return .judged(
            share,
            warn: (self.warnShare, "memory.high"),
            fail: (self.failShare, "memory.full"),
            facts: facts
        )
    }

    private static func container() -> MemoryUse? {
        guard let membership = SystemFile.read("/proc/self/cgroup"), let path = CgroupPath.unified(membership) else {
            return nil
        }
        let folder = "/sys/fs/cgroup" + (path == "/" ? "" : path)
        guard let maximum = SystemFile.read(folder + "/memory.max"),
            let current = SystemFile.read(folder + "/memory.current")
        else { return nil }
        return MemoryUse(cgroupMaximum: maximum, current: current, stat: SystemFile.read(folder + "/memory.stat") ?? "")
    }
}
