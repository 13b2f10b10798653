// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightHealth
import MillwrightToolkit

/// Finds a health endpoint that may answer later than its prober waits, or know less than its prober asks for.
///
/// - Needs: `health.prober`; without it the strictest default in the field counts, the kubelet's one second.
/// - Cost: none; only the settings are read.
/// - Blind spot: a process that gets no CPU, and what lies between prober and server.
/// - Silence: `health.E001`, `health.W002`.
struct ProbeBudget: SystemCheck {
    static let name = "probe-budgets"
    static let title = "Time for an answer"
    static let ids = ["health.E001", "health.W002"]
    static let tags: [CheckTag] = [.health]

    func verdict(in context: SystemCheckContext) async -> Verdict { Self.verdict(on: context.settings.settings.health) }

    static func verdict(on health: HealthSettings) -> Verdict {
        let prober = health.prober ?? Prober(.kubernetes)
        let declared = health.prober.map { "\($0)" } ?? "not declared; taken for \(prober)"
        let evidence = [
            Evidence("prober", .text(declared)),
            Evidence("its timeout", prober.timeout.map { .seconds($0.seconds) } ?? .missing),
            Evidence("health.budget", .seconds(health.budget.seconds)),
        ]
        let answer = Self.lateAnswer(health, prober, evidence).map { [$0] } ?? []
        return .of(answer + Self.lateSamples(health), evidence: evidence)
    }

    /// An answer that comes after the prober's timeout is a failure, whatever it says.
    private static func lateAnswer(_ health: HealthSettings, _ prober: Prober, _ evidence: [Evidence]) -> Finding? {
        guard let timeout = prober.timeout, health.budget >= timeout else { return nil }
        return Finding(
            "health.E001",
            .error,
            on: "health.budget",
            message: "An answer may take \(Units.text(health.budget)), and the prober waits \(Units.text(timeout)).",
            evidence: evidence,
            remedy: Remedy(
                "Set health.budget below \(Units.text(timeout)), or let the prober wait longer and say so in health.prober."
            )
        )
    }

    /// A dependency that died is known after the sample that was due, and that took its whole timeout; each check whose pace the
    /// settings change has a sum of its own.
    private static func lateSamples(_ health: HealthSettings) -> [Finding] {
        guard let detection = health.prober?.detectionTime else { return [] }
        let own = health.checks.sorted { $0.key < $1.key }.compactMap { name, values -> Sample? in
            let (interval, deadline) = (values["interval"], values["deadline"])
            guard interval != nil || deadline != nil else { return nil }
            return Sample(
                key: "health.checks.\(name)",
                interval: interval.flatMap(Units.duration) ?? health.interval,
                deadline: deadline.flatMap(Units.duration) ?? health.checkTimeout
            )
        }
        let all = Sample(key: "health", interval: health.interval, deadline: health.checkTimeout)
        return ([all] + own).filter { $0.age > detection }.map { $0.finding(detection) }
    }

    /// How old what a check says may become.
    private struct Sample {
        var key: String
        var interval: Duration
        var deadline: Duration

        /// The pause between two runs may be a fifth longer than the interval.
        var age: Duration { self.interval * 1.2 + self.deadline }
        private var deadlineKey: String { self.key + (self.key == "health" ? ".check_timeout" : ".deadline") }

        func finding(_ detection: Duration) -> Finding {
            Finding(
                "health.W002",
                .warning,
                on: "\(self.key).interval",
                message:
                    "What the endpoint says may be \(Units.text(self.age)) old; the prober decides within \(Units.text(detection)).",
                evidence: [
                    Evidence("\(self.key).interval", .seconds(self.interval.seconds)),
                    Evidence(self.deadlineKey, .seconds(self.deadline.seconds)),
                ],
                remedy: Remedy(
                    "Sample more often (\(self.key).interval), or give the checks less time (\(self.deadlineKey))."
                )
            )
        }
    }
}
