// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
public import MillwrightPostgres

/// What another node of the same cluster has counted: each standby counts the scans of its own readers.
public struct NodeCounters: Sendable, Hashable {
    /// What the node is called here.
    public var name: String
    /// Scans by the index's oid, which is the same on every node.
    var scans: [Int: Int]
    var window: StatisticsWindow
    /// Reads a node's counters.
    ///
    /// - Parameters:
    ///   - name: what the node is called in a report.
    ///   - cluster: the system identifier that it must have, so that no oid of a stranger is counted.
    /// - Throws: ``ToolError`` where it is a node of another cluster; `PostgresError`.
    public static func read(
        _ name: String,
        of cluster: String,
        from connection: PostgresConnection
    ) async throws -> NodeCounters {
        guard try await self.cluster(of: connection) == cluster else {
            throw ToolError(
                .settings,
                tried: "Read the counters of the node \(name).",
                stopped: "It belongs to another cluster.",
                next: "Name standbys of the database that is looked at."
            )
        }
        let inspection = try await Inspection(of: connection)
        try await inspection.begin()
        do {
            let window = try await inspection.window()
            let rows = try await inspection.query(
                """
                /* millwright:node-counters */
                SELECT i.indexrelid::bigint, pg_catalog.pg_stat_get_numscans(i.indexrelid)::bigint
                FROM pg_catalog.pg_index AS i ORDER BY i.indexrelid
                """
            )
            await inspection.end()
            let pairs = try rows.map { (try $0.get(0, as: Int.self), try $0.get(1, as: Int.self)) }
            return NodeCounters(
                name: name,
                scans: Dictionary(pairs) { first, _ in first },
                window: window
            )
        } catch {
            await inspection.end()
            throw error
        }
    }

    /// What all nodes of one cluster have in common.
    public static func cluster(of connection: PostgresConnection) async throws -> String {
        let rows = try await connection.query(
            "/* millwright:node-counters */ SELECT system_identifier::text FROM pg_catalog.pg_control_system()"
        )
        return try rows[0].get(0, as: String.self)
    }
}

extension Catalog {
    /// The same with the scans of other nodes added.
    func adding(_ nodes: [NodeCounters]) -> Catalog {
        guard !nodes.isEmpty else { return self }
        let indexes = self.indexes.map { index in
            var index = index
            index.scans += nodes.reduce(0) { $0 + ($1.scans[index.oid] ?? 0) }
            return index
        }
        return Catalog(
            indexes: indexes,
            tables: Array(self.tables.values),
            foreignKeys: self.foreignKeys,
            blockSize: self.blockSize
        )
    }
}

extension StatisticsWindow {
    /// The window that all nodes have in common, and who is still not seen.
    ///
    /// Each node may have standbys of its own. Several may have one name, as clusters that nobody named have: a node that was seen
    /// stands for one of them.
    func adding(_ nodes: [NodeCounters]) -> StatisticsWindow {
        var window = self
        window.othersStart = nodes.map(\.window.start).max()
        window.nodesSeen = nodes.map(\.name)
        window.standbyNames += nodes.flatMap(\.window.standbyNames)
        for aliases in [self.aliases] + nodes.map({ $0.window.aliases + [$0.name] }) {
            let place = aliases.lazy.compactMap { window.standbyNames.firstIndex(of: $0) }.first
            if let place { window.standbyNames.remove(at: place) }
        }
        window.standbys = window.standbyNames.count
        if nodes.contains(where: { !$0.window.isStandby }) { window.isStandby = false }
        window.isCounting = window.isCounting && nodes.allSatisfy(\.window.isCounting)
        return window
    }
}
