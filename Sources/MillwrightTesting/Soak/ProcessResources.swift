// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightSandbox

/// What this process holds of the system: to show that a million operations leave nothing behind.
///
/// ```swift
/// let before = ProcessResources.now()
/// // many operations
/// let after = ProcessResources.now()
/// print(after.descriptors - before.descriptors, after.residentBytes - before.residentBytes)
/// ```
public struct ProcessResources: Sendable, Hashable {
    /// How many file descriptors are open.
    public let descriptors: Int
    /// How much memory is resident, in bytes.
    public let residentBytes: Int

    /// Returns what is held now.
    public static func now() -> Self {
        let pages = Files.read("/proc/self/statm")?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return Self(
            descriptors: Files.names(in: "/proc/self/fd").count,
            residentBytes: pages * Int(sysconf(Int32(_SC_PAGESIZE)))
        )
    }
}
