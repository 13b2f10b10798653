// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Memory in use, of a host or of a container.
struct MemoryUse: Sendable, Hashable {
    var usedBytes: Int
    var totalBytes: Int

    var share: Double { self.totalBytes > 0 ? Double(self.usedBytes) / Double(self.totalBytes) : 0 }
}

extension MemoryUse {
    /// Reads `/proc/meminfo`: what is not `MemAvailable` is in use.
    ///
    /// Free memory would count the page cache as used.
    init?(meminfo: String) {
        func kilobytes(_ key: String) -> Int? {
            for line in meminfo.split(separator: "\n") where line.hasPrefix(key + ":") {
                return line.dropFirst(key.count + 1).split(separator: " ").first.flatMap { Int($0) }
            }
            return nil
        }
        guard let total = kilobytes("MemTotal"), let available = kilobytes("MemAvailable"), total > 0 else {
            return nil
        }
        self.init(usedBytes: (total - available) * 1024, totalBytes: total * 1024)
    }

    /// Reads the files of a cgroup v2; `nil` where it has no limit (`max`).
    ///
    /// The inactive page cache is given back before
    /// the kernel kills anybody, so it does not count as used: Kubernetes' working set.
    init?(cgroupMaximum maximum: String, current: String, stat: String) {
        func number(_ text: some StringProtocol) -> Int? { Int(String(text.filter { !$0.isWhitespace })) }
        guard let limit = number(maximum), limit > 0, let current = number(current) else { return nil }
        let inactive = stat.split(separator: "\n").first { $0.hasPrefix("inactive_file ") }
            .flatMap { number($0.dropFirst("inactive_file ".count)) }
        self.init(usedBytes: max(0, current - (inactive ?? 0)), totalBytes: limit)
    }
}

/// Where this process stands in the unified cgroup hierarchy.
enum CgroupPath {
    /// Reads `/proc/self/cgroup`: the line that begins with `0::`; `nil` where there is only cgroup v1.
    static func unified(_ membership: String) -> String? {
        membership.split(separator: "\n").first { $0.hasPrefix("0::") }.map { String($0.dropFirst(3)) }
    }
}
