// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// One kind of thing that people do with the ERP, with how often they do it.
struct Operation: Sendable {
    /// What it is called.
    let name: String
    /// How often it comes, in thousandths of all.
    let weight: Int
    /// Does it once, with parameters as real ones would be.
    let perform: @Sendable (PostgresConnection, World, inout Random) async throws -> Void

    init(
        _ name: String,
        _ weight: Int,
        _ perform: @escaping @Sendable (PostgresConnection, World, inout Random) async throws -> Void
    ) {
        self.name = name
        self.weight = weight
        self.perform = perform
    }

    /// All of them; writes are few, so that an hour of reading does not outgrow what was loaded.
    static let all = Self.shop + Self.reports + Self.platform + Self.writes

    /// Picks one by weight.
    static func pick(_ random: inout Random) -> Operation {
        var rest = random.below(Self.totalWeight)
        for operation in Self.all {
            rest -= operation.weight
            if rest < 0 { return operation }
        }
        return Self.all[0]
    }

    private static let totalWeight = Self.all.map(\.weight).reduce(0, +)
}
