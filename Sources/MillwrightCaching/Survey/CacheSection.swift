// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

extension CacheObservation {
    /// The part of a report about the caches: verdicts, a table a server, an alias and a key group, and charts.
    ///
    /// - Parameter checks: what judges it; all checks unless told otherwise.
    public func section(checks: [any CacheCheck] = CacheChecks.all) -> Section {
        Section(
            "caches",
            title: "Caches",
            facts: [
                Evidence("aliases", .count(self.aliases.count)),
                Evidence("servers", .text(self.endpoints.joined(separator: ", "))),
                Evidence("scope of server figures", "the whole server, all databases and applications together"),
            ],
            outcomes: checks.map {
                CheckOutcome(name: type(of: $0).name, title: type(of: $0).title, verdict: $0.verdict(on: self))
            },
            tables: [self.serverTable, self.aliasTable, self.groupTable],
            charts: self.charts
        )
    }

    private var charts: [Chart] {
        let groups = self.groupRows
        let ratios = groups.compactMap { row in
            row.reads?.hitRatio.map { Chart.Point("\(row.alias):\(row.group)", .share($0)) }
        }
        let sizes = groups.compactMap { row in
            row.keys?.bytes.map { Chart.Point("\(row.alias):\(row.group)", .bytes(Int(Double($0) * row.scale))) }
        }
        return [
            Chart("Hit ratio by key group", kind: .bars, points: ratios),
            Chart("Memory by key group", kind: .bars, points: sizes),
        ].filter { !$0.points.isEmpty }
    }
}
