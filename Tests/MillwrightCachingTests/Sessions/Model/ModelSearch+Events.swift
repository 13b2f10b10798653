// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

@testable import MillwrightCaching

extension ModelSearch {
    /// What nobody decides.
    func events(_ world: ModelWorld) -> [(String, ModelWorld?)] {
        var all: [(String, ModelWorld?)] = []
        for straggler in world.stragglers {
            var next = world
            next.stragglers.remove(straggler)
            self.execute(straggler.command, straggler.generation, on: straggler.server, &next)
            all.append(("late: \(straggler)", next))
        }
        if world.budget.ticks > 0 {
            var next = world
            next.budget.ticks -= 1
            next.now += 1
            all.append(("tick", next))
        }
        if world.budget.flushes > 0 {
            var next = world
            next.budget.flushes -= 1
            next.servers[next.primary] = [:]
            all.append(("flush", next))
        }
        if world.budget.failovers > 0 {
            var next = world
            next.budget.failovers -= 1
            next.primary = 1 - next.primary
            all.append(("failover", next))
        }
        return all + self.cuts(world) + self.databaseEvents(world)
    }

    private func cuts(_ world: ModelWorld) -> [(String, ModelWorld?)] {
        guard world.budget.cuts > 0 else { return [] }
        return (0..<2).compactMap { node in
            guard case .owing? = world.operations[node]?.stage else { return nil }
            var next = world
            next.budget.cuts -= 1
            next.operations[node] = nil
            return ("\(node) is cut short", next)
        }
    }

    private func databaseEvents(_ world: ModelWorld) -> [(String, ModelWorld?)] {
        var all: [(String, ModelWorld?)] = []
        if world.budget.clearings > 0, world.database.isDeleted, !world.database.isCleared {
            var next = world
            next.budget.clearings -= 1
            next.database.isCleared = true
            all.append(("the row is cleared", next))
        }
        if world.budget.restorations > 0 {
            all.append(("PostgreSQL is restored", self.restored(world, world.before)))
        }
        return all
    }

    /// PostgreSQL has what it had; what was promised since is void, and what was on its way there is lost.
    private func restored(_ world: ModelWorld, _ past: ModelWorld.Database) -> ModelWorld {
        var next = world
        next.budget.restorations -= 1
        next.run += 1
        next.database = past
        next.restored = past.version
        next.acknowledged = min(world.acknowledged, past.version)
        next.isDeletionAcknowledged = world.isDeletionAcknowledged && past.isDeleted
        next.isLiveAcknowledged = false
        for node in 0..<2 {
            if case .committing? = world.operations[node]?.stage { next.operations[node] = nil }
            guard var operation = next.operations[node] else { continue }
            operation.floor = min(operation.floor, past.version)
            operation.wasDeleted = operation.wasDeleted && past.isDeleted
            operation.mustExist = false
            next.operations[node] = operation
        }
        return next
    }
}
