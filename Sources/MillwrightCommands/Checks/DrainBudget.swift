// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightHealth
import MillwrightToolkit

/// Finds a drain that ends before the balancer has noticed, or that is cut short from outside.
///
/// - Needs: `health.prober`; without it there is nothing to measure against.
/// - Cost: none; only the settings are read.
/// - Blind spot: a balancer that was set up otherwise than `health.prober` says.
/// - Silence: `health.E003` … `health.W005`, `health.E007`.
struct DrainBudget: SystemCheck {
    static let name = "drain-budgets"
    static let title = "Time for a drain"
    static let ids = ["health.E003", "health.W004", "health.W005", "health.E007"]
    static let tags: [CheckTag] = [.health]

    func verdict(in context: SystemCheckContext) async -> Verdict {
        Self.verdict(on: context.settings.settings.health, context.settings.settings.server)
    }

    static func verdict(on health: HealthSettings, _ server: ServerSettings) -> Verdict {
        let evidence = [
            Evidence("health.drain", .seconds(health.drain.seconds)),
            Evidence("server.shutdown_timeout", .seconds(server.shutdownTimeout.seconds)),
        ]
        let silent = Self.silentDrain(health, server)
        guard let prober = health.prober else {
            return .of(silent.map { [$0] } ?? [], evidence: [Evidence("prober", "not declared")] + evidence)
        }
        let findings = [
            silent, Self.shortDrain(health, prober, evidence), Self.killed(health, server, prober, evidence),
            Self.closesFirst(server, prober),
        ].compactMap { $0 }
        let detection = prober.detectionTime.map { Quantity.seconds($0.seconds) } ?? .missing
        return .of(
            findings,
            evidence: [Evidence("prober", .text("\(prober)")), Evidence("it notices within", detection)] + evidence
        )
    }

    /// With the agent alone to tell of a drain, and no agent, nobody learns of it.
    private static func silentDrain(_ health: HealthSettings, _ server: ServerSettings) -> Finding? {
        guard health.drainMode == .agent, server.agent == nil else { return nil }
        return Finding(
            "health.E007",
            .error,
            on: "server.agent",
            message: "A node that drains says so by its agent (health.drain_mode: agent), and it has none.",
            remedy: Remedy(
                "Set server.agent, such as 127.0.0.1:9707, and `agent-check agent-port 9707` in HAProxy; or another health.drain_mode."
            )
        )
    }

    private static func shortDrain(_ health: HealthSettings, _ prober: Prober, _ evidence: [Evidence]) -> Finding? {
        guard health.drain < prober.drain else { return nil }
        return Finding(
            "health.E003",
            .error,
            on: "health.drain",
            message:
                "The server stops \(Units.text(health.drain)) after it was told to, and \(prober.kind.rawValue) may send "
                + "it requests for \(Units.text(prober.drain)).",
            evidence: evidence,
            remedy: Remedy("Leave health.drain out, so that it follows from health.prober, or set it to that at least.")
        )
    }

    private static func killed(
        _ health: HealthSettings,
        _ server: ServerSettings,
        _ prober: Prober,
        _ evidence: [Evidence]
    ) -> Finding? {
        let end = health.drain + server.shutdownTimeout
        guard let limit = prober.killsAfter, end > limit else { return nil }
        return Finding(
            "health.W004",
            .warning,
            on: "server.shutdown_timeout",
            message:
                "The end may take \(Units.text(end)), and \(prober.kind.rawValue) kills after \(Units.text(limit)).",
            evidence: evidence,
            remedy: Remedy(
                "Set terminationGracePeriodSeconds to \(Int(end.seconds.rounded(.up)) + 1), or shorten server.shutdown_timeout."
            )
        )
    }

    /// Whoever closes an idle connection first must not be the server: a request may be on its way to it.
    private static func closesFirst(_ server: ServerSettings, _ prober: Prober) -> Finding? {
        guard let kept = prober.keepsConnections, server.idleTimeout <= kept else { return nil }
        return Finding(
            "health.W005",
            .warning,
            on: "server.idle_timeout",
            message: "The server closes idle connections after \(Units.text(server.idleTimeout)), and "
                + "\(prober.kind.rawValue) uses them for \(Units.text(kept)): a request may meet a closed one.",
            remedy: Remedy("Set server.idle_timeout above \(Units.text(kept)), such as 75s.")
        )
    }
}
