// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// One reading of what statements cost that may miss an index, and of how often its table was read from end to end.
struct DropReading: Sendable {
    var targets: [DropTarget]
    /// The statements about each target, in the order of the targets.
    var statements: [[Statement]]
    /// What the view of statements tells of itself.
    var statistics: StatementStatistics
    /// For how long scans of tables have been counted, in seconds.
    var scansCountedFor: Double
}

/// Reads again and again what statements cost that may miss some indexes.
struct DropReader: Sendable {
    /// More than any table has; the costliest count.
    static let limit = 5000

    let drops: [(index: String, table: String)]
    private var relations = StatementRelations()

    init(_ drops: [(index: String, table: String)]) { self.drops = drops }

    /// Takes a reading on a connection that nobody else uses meanwhile.
    ///
    /// - Throws: `Obstacle` where the statements cannot be read; `CancellationError`.
    mutating func read(on connection: PostgresConnection) async throws -> DropReading {
        let inspection: Inspection
        do {
            inspection = try await Inspection(of: connection)
        } catch {
            throw try Self.obstacle(error, role: "")
        }
        do {
            try await inspection.begin()
            let reading = try await self.read(from: inspection)
            await inspection.end()
            return reading
        } catch {
            await inspection.end()
            throw try Self.obstacle(error, role: inspection.server.user)
        }
    }

    private static func obstacle(_ error: any Error, role: String) throws -> Obstacle {
        if let error = error as? CancellationError { throw error }
        try Task.checkCancellation()
        return error as? Obstacle ?? Obstacle(error, role: role, limits: Inspection.Limits())
    }

    private mutating func read(from inspection: Inspection) async throws -> DropReading {
        let targets = try await DropTarget.read(self.drops, from: inspection)
        let names = Set(targets.flatMap { $0.relations.map(\.name) }).sorted()
        let statistics = try await StatementStatistics.read(from: inspection, limit: Self.limit, naming: names)
        if let obstacle = statistics.obstacle { throw obstacle }
        var statements: [[Statement]] = []
        for target in targets {
            statements.append(statistics.judged.filter { self.relations.isAbout(target, $0) })
        }
        return DropReading(
            targets: targets,
            statements: statements,
            statistics: statistics,
            scansCountedFor: try await inspection.window().length
        )
    }
}
