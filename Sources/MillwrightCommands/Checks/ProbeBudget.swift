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
        let findings = [Self.lateAnswer(health, prober, evidence), Self.lateSample(health)].compactMap { $0 }
        return .of(findings, evidence: evidence)
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

    /// A dependency that died is known after the sample that was due, and that took its whole timeout.
    private static func lateSample(_ health: HealthSettings) -> Finding? {
        let age = health.interval * 1.2 + health.checkTimeout
        guard let detection = health.prober?.detectionTime, age > detection else { return nil }
        return Finding(
            "health.W002",
            .warning,
            on: "health.interval",
            message:
                "What the endpoint says may be \(Units.text(age)) old; the prober decides within \(Units.text(detection)).",
            evidence: [
                Evidence("health.interval", .seconds(health.interval.seconds)),
                Evidence("health.check_timeout", .seconds(health.checkTimeout.seconds)),
            ],
            remedy: Remedy("Sample more often (health.interval), or give the checks less time (health.check_timeout).")
        )
    }
}
