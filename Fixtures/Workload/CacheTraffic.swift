// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One kind of cached thing: where it is kept, how often it is read, and which of it.
struct CacheTraffic: Sendable {
    /// The alias and the key's first part.
    let group: Tally.Group
    /// How often it comes, in hundredths of all reads.
    let weight: Int
    /// How big a value is.
    let bytes: Int
    /// Picks a key: what follows the group and the colon.
    let key: @Sendable (inout Random) -> String

    init(
        _ alias: String,
        _ group: String,
        _ weight: Int,
        bytes: Int,
        key: @escaping @Sendable (inout Random) -> String
    ) {
        self.group = Tally.Group(alias: alias, name: group)
        self.weight = weight
        self.bytes = bytes
        self.key = key
    }

    /// What a page of the shop reads on its way.
    ///
    /// Products are the hot group: a hundred best sellers take most of the reads. Searches are the useless one: every
    /// key holds what was typed, and is never asked for again.
    static func all(_ world: World) -> [CacheTraffic] {
        let bestSellers = Zipf(count: 100, scattered: false)
        let pages = Zipf(count: 20_000)
        let queries = Zipf(count: 50_000)
        return [
            CacheTraffic("default", "product", 42, bytes: 600) { "\(bestSellers.draw($0.next()))" },
            CacheTraffic("default", "page", 8, bytes: 2000) { "\(pages.draw($0.next()))" },
            CacheTraffic("default", "dashboard", 3, bytes: 4000) { "\(1 + $0.below(10))" },
            CacheTraffic("default", "search", 7, bytes: 300) { "q\($0.next())" },
            CacheTraffic("sessions", "session", 20, bytes: 250) { "\(world.users.draw($0.next()))" },
            CacheTraffic("database", "query", 8, bytes: 1500) { "\(queries.draw($0.next()))" },
            CacheTraffic("database", "count", 6, bytes: 20) { "\(queries.draw($0.next()))" },
            CacheTraffic("database", "tree", 6, bytes: 800) { "\(pages.draw($0.next()))" },
        ]
    }

    /// Picks one of some by weight.
    static func pick(_ traffic: [CacheTraffic], _ random: inout Random) -> CacheTraffic {
        var rest = random.below(traffic.map(\.weight).reduce(0, +))
        for one in traffic {
            rest -= one.weight
            if rest < 0 { return one }
        }
        return traffic[0]
    }
}
