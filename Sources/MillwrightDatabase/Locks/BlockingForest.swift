// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Who waits for whom, seen from those that wait for nobody.
struct BlockingForest: Sendable, Hashable {
    /// A session that blocks others and is not blocked itself.
    struct Root: Sendable, Hashable {
        /// 0 is a prepared transaction.
        var pid: Int
        /// All that wait for it, directly or behind others.
        var victims: Set<Int>
    }

    /// The roots, the one with most victims first.
    let roots: [Root]

    init(_ waiters: [BlockedQueries.Waiter]) {
        let waiting = Set(waiters.map(\.pid))
        var behind: [Int: Set<Int>] = [:]
        for waiter in waiters {
            for blocker in Set(waiter.blockers) { behind[blocker, default: []].insert(waiter.pid) }
        }
        self.roots = behind.keys.filter { !waiting.contains($0) }
            .map { Root(pid: $0, victims: Self.reached(from: $0, behind)) }
            .sorted { ($1.victims.count, $0.pid) < ($0.victims.count, $1.pid) }
    }

    /// Everybody behind one session; a cycle, which the server's deadlock check will break, ends the walk.
    private static func reached(from root: Int, _ behind: [Int: Set<Int>]) -> Set<Int> {
        var seen: Set<Int> = []
        var next = Array(behind[root] ?? [])
        while let pid = next.popLast() {
            if seen.insert(pid).inserted { next += behind[pid] ?? [] }
        }
        return seen
    }
}
