// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
public import MillwrightPostgres

/// Runs checks over one connection and gathers what they say into the sections of a report.
public struct Checkup: Sendable {
    /// The checks, with their thresholds.
    public var checks: [any DatabaseCheck]
    /// How much it may cost.
    public var limits: Inspection.Limits
    /// What other nodes of the cluster have counted: indexes that only they read are not unused.
    public var otherNodes: [NodeCounters] = []

    /// Creates a checkup.
    public init(checks: [any DatabaseCheck] = Checks.all, limits: Inspection.Limits = Inspection.Limits()) {
        self.checks = checks
        self.limits = limits
    }

    /// Looks at a database and returns one section a concern.
    ///
    /// It throws only when it is cancelled or the connection cannot say what server it is on; whatever else stops a check
    /// becomes its verdict.
    public func sections(
        of concerns: [Concern] = Concern.allCases,
        on connection: PostgresConnection
    ) async throws -> [Section] {
        let inspection = try await Inspection(of: connection, limits: self.limits, otherNodes: self.otherNodes)
        var sections: [Section] = []
        for concern in concerns {
            var section = Section(concern.rawValue, title: concern.title)
            for check in self.checks where type(of: check).concern == concern {
                let (outcome, exhibits) = await self.run(check, in: inspection)
                // Who was told to stop does not report the checks that it stopped.
                try Task.checkCancellation()
                section.outcomes.append(outcome)
                section.facts += exhibits.facts.filter { !section.facts.contains($0) }
                section.tables += exhibits.tables
                section.charts += exhibits.charts
            }
            if let chart = concern.chart(of: section.outcomes) { section.charts.append(chart) }
            sections.append(section)
        }
        return sections
    }

    /// Looks at a database through a pool.
    public func sections(
        of concerns: [Concern] = Concern.allCases,
        on client: PostgresClient
    ) async throws -> [Section] {
        try await client.withConnection { try await self.sections(of: concerns, on: $0) }
    }

    private func run<C: DatabaseCheck>(_ check: C, in inspection: Inspection) async -> (CheckOutcome, Exhibits) {
        let start = ContinuousClock.now
        let verdict: Verdict
        var exhibits = Exhibits()
        do {
            try await inspection.begin()
            let observation = try await check.collect(from: inspection)
            verdict = check.verdict(on: observation)
            exhibits = check.exhibits(on: observation)
        } catch let obstacle as Obstacle {
            verdict = obstacle.verdict
        } catch {
            verdict = Obstacle(error, role: inspection.server.user, limits: self.limits).verdict
        }
        await inspection.end()
        let seconds = (ContinuousClock.now - start).seconds
        return (CheckOutcome(name: C.name, title: C.title, verdict: verdict, seconds: seconds), exhibits)
    }
}

extension Concern {
    /// What the findings of this concern cost, as bars; only where their weights are bytes.
    fileprivate func chart(of outcomes: [CheckOutcome]) -> Chart? {
        guard self == .indexes else { return nil }
        let worst = outcomes.flatMap(\.verdict.findings).filter { $0.weight > 0 }.sorted { $0.weight > $1.weight }
        guard !worst.isEmpty else { return nil }
        return Chart(
            "Space behind the findings",
            kind: .bars,
            points: worst.prefix(12).map { Chart.Point($0.subject, .bytes(Int($0.weight))) }
        )
    }
}
