// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation

/// How quiet the machine is: what a figure is worth depends on it.
enum Machine {
    /// The cores, the load, and how much a fixed piece of work varies: 0 % on a machine with nothing else to do.
    static func noise() -> String {
        let runs = (0..<21).map { _ in Self.fixedWork() }.sorted()
        let spread = (runs[18] / runs[2] - 1) * 100
        let load = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
        let loads = load.split(separator: " ").prefix(3).joined(separator: " ")
        return "bench: \(ProcessInfo.processInfo.activeProcessorCount) cores, load average \(loads), "
            + "a fixed piece of work varies by \(Int(spread.rounded())) % (10th to 90th percentile of 21)"
    }

    /// Some 5 ms of arithmetic; how many seconds it took.
    private static func fixedWork() -> Double {
        let start = ContinuousClock.now
        var state: UInt64 = 88_172_645_463_325_252
        for _ in 0..<3_000_000 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
        }
        precondition(state != 0)
        return (ContinuousClock.now - start).seconds
    }

    /// The highest that this process's memory has been, in MB; `resetPeak()` begins anew.
    static func peakMemoryMB() -> Double {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        return (Double(line.split(whereSeparator: \.isWhitespace).dropFirst().first ?? "") ?? .nan) / 1024
    }

    /// Lets the peak count from what is in use now.
    static func resetPeak() { try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8) }
}
