// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightDatabase
import MillwrightPostgres

/// How much of a decision-support workload's cost the index advisor's sets leave, at four storage budgets.
enum AdvisorQuality: Benchmark {
    static let name = "index-advisor"
    static let about = "cost left of 19 TPC-H queries at scale 1 in %, beside the best set known (other)"

    /// Budgets in MB, with what the best known sets leave in % of the cost.
    private static let goals = [(80.0, 97.2), (230, 97.0), (620, 84.5), (1550, 71.7)]

    /// All, or those that `MILLWRIGHT_BENCH_BUDGETS` names in MB: `620,1550`.
    private static var wanted: [(Double, Double)] {
        guard let text = ProcessInfo.processInfo.environment["MILLWRIGHT_BENCH_BUDGETS"] else { return Self.goals }
        let budgets = text.split(separator: ",").compactMap { Double($0) }
        return Self.goals.filter { budgets.contains($0.0) }
    }

    static func run() async throws -> [Measurement] {
        guard TPCH.isThere else {
            say("  left out: `make bench-index` makes the data for it")
            return []
        }
        let queries = try TPCH.queries()
        let seconds = ProcessInfo.processInfo.environment["MILLWRIGHT_BENCH_SECONDS"].flatMap(Double.init) ?? 60
        return try await TPCH.lend { url in
            var measurements: [Measurement] = []
            for (megabytes, goal) in Self.wanted {
                let options = AdvisorOptions(storage: .bytes(megabytes * 1_000_000), timeout: .seconds(seconds))
                let advice = try await IndexAdvisor(PostgresConfiguration(url), options: options).advise(sql: queries)
                Self.tell(advice, budget: megabytes)
                let label = "\(Int(megabytes)) MB"
                measurements.append(
                    Measurement(
                        "\(label), cost left",
                        ours: 100 * advice.costLeft,
                        other: goal,
                        unit: "%",
                        goal: .atMost(goal)
                    )
                )
                measurements.append(
                    Measurement(
                        "\(label), time to the best",
                        ours: advice.history.last?.seconds ?? 0,
                        unit: "s",
                        goal: .atMost(60)
                    )
                )
                measurements.append(
                    Measurement(
                        "\(label), time to 90 % of its gain",
                        ours: Self.time(to: 0.9 * (1 - advice.costLeft), advice),
                        unit: "s",
                        goal: .atMost(5)
                    )
                )
                measurements.append(
                    Measurement(
                        "\(label), time to 90 % of the known best's",
                        ours: Self.time(to: 0.9 * (1 - goal / 100), advice),
                        unit: "s",
                        goal: .atMost(5)
                    )
                )
            }
            return measurements
        }
    }

    /// When a share of the workload's cost was saved, in seconds; infinite where that much never was.
    private static func time(to saved: Double, _ advice: IndexAdvice) -> Double {
        advice.history.first { $0.costLeft <= 1 - saved }?.seconds ?? .infinity
    }

    private static func tell(_ advice: IndexAdvice, budget: Double) {
        let size = advice.sizeBytes / 1e6
        say(
            String(
                format:
                    "  %.0f MB: %.2f %% left, %.0f MB in %d indexes, %.1f s, %d candidates, %d plans asked, %d remembered",
                budget,
                100 * advice.costLeft,
                size,
                advice.recommendations.count,
                advice.elapsed / .seconds(1),
                advice.candidates,
                advice.plansAsked,
                advice.plansRemembered
            )
        )
        for index in advice.recommendations {
            let size = String(format: "%7.1f MB %5.2f %%", index.sizeBytes / 1e6, 100 * index.savedShare)
            say("    \(size)  \(index.definition.table) \(index.definition.body)")
        }
        let steps = advice.history.map { String(format: "%.1fs %.2f", $0.seconds, 100 * $0.costLeft) }
        say("    " + steps.joined(separator: ", "))
        for item in advice.unusable { say("    unusable: \(item.name): \(item.reason)") }
    }
}
