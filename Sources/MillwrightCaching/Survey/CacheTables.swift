// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

extension CacheObservation {
    /// One key group of one alias, from whichever side knows it: the walk over the keys, the counted reads, or both.
    struct GroupRow {
        var alias: String
        var group: String
        var keys: KeySample.Group?
        var scale: Double
        var reads: ReadCounts?
    }

    var groupRows: [GroupRow] {
        self.aliases.flatMap { alias in
            let sample = self.samples[alias.keySpace]?.value
            let keys = sample?.groups[alias.name] ?? [:]
            let reads = self.ratios[alias.name]?.value?.groups ?? [:]
            return Set(keys.keys).union(reads.keys).sorted().map {
                GroupRow(alias: alias.name, group: $0, keys: keys[$0], scale: sample?.scale ?? 1, reads: reads[$0])
            }
        }
    }

    var serverTable: Table {
        Table(
            "cache_servers",
            title: "Servers",
            columns: [
                .init("server", "Server"), .init("aliases", "Aliases"), .init("version", "Version"),
                .init("used_bytes", "Used"), .init("maximum_bytes", "Limit"), .init("policy", "Eviction"),
                .init("evicted_keys", "Evicted"), .init("clients", "Clients"),
                .init("server_hit_ratio", "Hits, whole server"),
            ],
            rows: self.endpoints.map(self.serverRow)
        )
    }

    private func serverRow(_ endpoint: String) -> [Quantity] {
        let names = Quantity.text(self.names(on: endpoint))
        guard let facts = self.servers[endpoint]?.value else {
            return [.text(self.server(at: endpoint)), names] + Array(repeating: .missing, count: 7)
        }
        let server = ReadCounts(hits: facts.keyspaceHits, misses: facts.keyspaceMisses)
        return [
            .text(self.server(at: endpoint)), names, .text(facts.version), .bytes(facts.usedBytes),
            facts.maximumBytes.map { $0 == 0 ? .text("no limit") : .bytes($0) } ?? .missing,
            facts.evictionPolicy.map { .text($0) } ?? .missing, .count(facts.evictedKeys), .count(facts.clients),
            server.hitRatio.map { .share($0) } ?? .missing,
        ]
    }

    var aliasTable: Table {
        Table(
            "cache_aliases",
            title: "Aliases",
            columns: [
                .init("alias", "Alias"), .init("database", "Database"), .init("scope", "Keys begin with"),
                .init("timeout_seconds", "Timeout"), .init("keys", "Keys"), .init("immortal_keys", "Never expire"),
                .init("hit_ratio", "Hit ratio"), .init("reads", "Reads"), .init("errors", "Errors"),
            ],
            rows: self.aliases.map(self.aliasRow)
        )
    }

    private func aliasRow(_ alias: CacheAlias) -> [Quantity] {
        let sample = self.samples[alias.keySpace]?.value
        let groups = sample.map { Array(($0.groups[alias.name] ?? [:]).values) }
        let scale = sample?.scale ?? 1
        func projected(_ count: Int?) -> Quantity { count.map { .count(Int(Double($0) * scale)) } ?? .missing }
        let reads = self.ratios[alias.name]?.value?.total
        return [
            .text(alias.name), .count(alias.database), .text(KeyLayout(alias).scope),
            alias.timeout.map { .seconds(Double($0.components.seconds)) } ?? .text("never"),
            projected(groups?.map(\.keys).reduce(0, +)), projected(groups?.map(\.immortal).reduce(0, +)),
            reads?.hitRatio.map { .share($0) } ?? .missing, reads.map { .count($0.reads) } ?? .missing,
            reads.map { .count($0.errors) } ?? .missing,
        ]
    }

    var groupTable: Table {
        Table(
            "cache_groups",
            title: "Key groups",
            columns: [
                .init("alias", "Alias"), .init("group", "Group"), .init("hit_ratio", "Hit ratio"),
                .init("reads", "Reads"), .init("errors", "Errors"), .init("keys", "Keys"), .init("bytes", "Memory"),
                .init("immortal_keys", "Never expire"), .init("expire_minute", "< 1 min"),
                .init("expire_hour", "< 1 h"), .init("expire_day", "< 1 d"), .init("expire_later", "Later"),
            ],
            rows: self.groupRows.map(Self.cells)
        )
    }

    private static func cells(_ row: GroupRow) -> [Quantity] {
        func projected(_ count: Int?) -> Quantity { count.map { .count(Int(Double($0) * row.scale)) } ?? .missing }
        return [
            .text(row.alias), .text(row.group), row.reads?.hitRatio.map { .share($0) } ?? .missing,
            row.reads.map { .count($0.reads) } ?? .missing, row.reads.map { .count($0.errors) } ?? .missing,
            projected(row.keys?.keys), row.keys?.bytes.map { .bytes(Int(Double($0) * row.scale)) } ?? .missing,
            projected(row.keys?.immortal), projected(row.keys?.remaining.minute),
            projected(row.keys?.remaining.hour), projected(row.keys?.remaining.day),
            projected(row.keys?.remaining.later),
        ]
    }
}
