// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

@testable import MillwrightCaching

/// Visits every state that a world can come into, and stops at the first in which a reader was told something that is not true.
struct ModelSearch {
    let breakage: ModelWorld.Breakage?
    private(set) var visited: Set<ModelWorld> = []
    private(set) var violation: String?

    init(breakage: ModelWorld.Breakage? = nil) { self.breakage = breakage }

    /// Returns how many states there are.
    mutating func run(_ start: ModelWorld) -> Int {
        self.visited = [start]
        var frontier = [(start, 0)]
        var history: [(parent: Int, step: String)] = [(-1, "start")]
        while let (world, index) = frontier.popLast() {
            for (step, next) in self.steps(from: world) {
                guard let next else {
                    self.violation = Self.story(history, to: index) + step
                    return self.visited.count
                }
                guard self.visited.insert(next).inserted else { continue }
                history.append((index, step))
                frontier.append((next, history.count - 1))
            }
        }
        return self.visited.count
    }

    private static func story(_ history: [(parent: Int, step: String)], to index: Int) -> String {
        var lines: [String] = []
        var index = index
        while index >= 0 {
            lines.append(history[index].step)
            index = history[index].parent
        }
        return lines.reversed().joined(separator: "\n") + "\n"
    }

    /// Everything that can happen next; no world is a violation.
    private func steps(from world: ModelWorld) -> [(String, ModelWorld?)] {
        var all: [(String, ModelWorld?)] = []
        for node in 0..<2 {
            all += world.operations[node] == nil ? self.beginnings(world, node) : self.turns(world, node)
            all += self.upkeep(world, node)
        }
        return all + self.events(world)
    }

    // MARK: Requests

    private func beginnings(_ world: ModelWorld, _ node: Int) -> [(String, ModelWorld?)] {
        var all: [(String, ModelWorld?)] = []
        func begin(
            _ name: String,
            _ goal: ModelWorld.Goal,
            _ stage: ModelWorld.Stage,
            _ pay: (inout ModelWorld.Budget) -> Void
        ) {
            var next = world
            pay(&next.budget)
            next.operations[node] = ModelWorld.Operation(
                goal: goal,
                stage: stage,
                floor: world.acknowledged,
                wasDeleted: world.isDeletionAcknowledged,
                mustExist: world.isLiveAcknowledged
            )
            all.append(("\(node) begins \(name)", next))
        }
        let commit = ModelWorld.Stage.committing(askedAt: world.now, row: world.row(self.breakage))
        if world.budget.writes > 0 { begin("a write", .write, commit) { $0.writes -= 1 } }
        if world.budget.puts > 0 { begin("a put", .put, commit) { $0.puts -= 1 } }
        if world.budget.deletions > 0 { begin("a deletion", .delete, commit) { $0.deletions -= 1 } }
        if world.budget.reads > 0 {
            let start = self.readStart(world, node)
            begin("a read", .read, start) { $0.reads -= 1 }
        }
        return all
    }

    private func readStart(_ world: ModelWorld, _ node: Int) -> ModelWorld.Stage {
        var start = world.nodes[node].readStart(at: world.time)
        if self.breakage == .anyServer, let trust = world.nodes[node].trust, let link = world.nodes[node].link,
            world.nodes[node].isCurrent(at: world.time), trust.phase == .trusted
        {
            start = .copy(generation: trust.generation, link: link.number)
        }
        switch start {
        case .copy(let generation, let link): return .asking(generation: generation, link: link)
        case .database: return .querying(fill: nil, link: -1)
        }
    }

    private func turns(_ world: ModelWorld, _ node: Int) -> [(String, ModelWorld?)] {
        guard let operation = world.operations[node] else { return [] }
        switch operation.stage {
        case .committing(let askedAt, let row): return [self.commit(world, node, operation, askedAt, row)]
        case .owing(let write, let version): return self.settle(world, node, operation, write, version)
        case .asking(let generation, let link): return self.ask(world, node, operation, generation, link)
        case .tokening(let generation, let link):
            return self.sending(world, node, .token(node), generation, link) { next, outcome in
                let isOurs = outcome == .done && next.servers[next.links[link]][generation] == .token(node)
                next.operations[node]?.stage = .querying(fill: isOurs ? generation : nil, link: link)
            }
        case .querying(let fill, let link): return [self.query(world, node, operation, fill, link)]
        case .filling(let generation, let link, let version):
            return self.sending(world, node, .fill(node, version), generation, link) { next, _ in
                next.operations[node] = nil
            }
        }
    }

    private func commit(
        _ world: ModelWorld,
        _ node: Int,
        _ operation: ModelWorld.Operation,
        _ askedAt: Int,
        _ row: SessionTrust
    ) -> (String, ModelWorld?) {
        var next = world
        let asked = self.breakage == .staleRow ? world.time : ModelWorld.lease * askedAt
        next.nodes[node].saw(row, askedAt: asked, at: world.time)
        if world.database.isDeleted, operation.goal != .put {
            // There is nothing to write to, and that is the answer, once the copy says the same.
            return self.findEnded(&next, node, operation)
        }
        next.database.version = world.nextVersion
        next.isLiveAcknowledged = false
        if operation.goal == .put {
            if self.breakage == .firstVersion, world.database.isCleared { self.restartVersions(&next) }
            next.isDeletionAcknowledged = false
            for index in 0..<2 { next.operations[index]?.wasDeleted = false }
        }
        next.database.isCleared = false
        next.database.isDeleted = operation.goal == .delete
        if operation.goal == .delete { for index in 0..<2 { next.operations[index]?.mustExist = false } }
        self.owe(&next, node)
        return ("\(node) commits version \(next.database.version)", next)
    }

    private func owe(_ next: inout ModelWorld, _ node: Int) {
        let run = next.row(self.breakage).databaseRun
        let write = SessionWrite(committedAt: next.time, databaseRun: run, patience: .seconds(1_000))
        next.operations[node]?.stage = .owing(write, version: next.database.version)
    }

    private func findEnded(
        _ next: inout ModelWorld,
        _ node: Int,
        _ operation: ModelWorld.Operation
    ) -> (String, ModelWorld?) {
        var ending = operation
        ending.goal = .delete
        next.operations[node] = ending
        if next.database.isCleared {
            next.operations[node] = nil
        } else if self.breakage == .noBurial {
            self.acknowledge(&next, node, ending, next.database.version)
        } else {
            self.owe(&next, node)
        }
        return ("\(node) finds it deleted", next)
    }

    /// What was acknowledged of the row that was cleared says nothing of the new one.
    private func restartVersions(_ next: inout ModelWorld) {
        next.database.version = next.run * ModelWorld.runs + 1
        next.acknowledged = 0
        for index in 0..<2 { next.operations[index]?.floor = 0 }
    }

    private func settle(
        _ world: ModelWorld,
        _ node: Int,
        _ operation: ModelWorld.Operation,
        _ write: SessionWrite,
        _ version: Int
    ) -> [(String, ModelWorld?)] {
        var write = write
        var next = world
        switch write.next(on: world.nodes[node], at: world.time) {
        case .acknowledge:
            self.acknowledge(&next, node, operation, version)
            return [("\(node) acknowledges version \(version)", next)]
        case .wait:
            guard self.breakage == .noWait else { return [] }
            self.acknowledge(&next, node, operation, version)
            return [("\(node) does not wait and acknowledges version \(version)", next)]
        case .giveUp:
            next.operations[node] = nil
            return [("\(node) gives version \(version) up", next)]
        case .ask:
            next.nodes[node].saw(world.row(self.breakage), askedAt: world.time, at: world.time)
            next.operations[node]?.stage = .owing(write, version: version)
            return [("\(node) asks for the row", next)]
        case .suspect(let generation):
            Self.suspect(&next, generation)
            next.nodes[node].saw(next.row(self.breakage), askedAt: world.time, at: world.time)
            next.operations[node]?.stage = .owing(write, version: version)
            return [("\(node) marks generation \(generation) as suspect", next)]
        case .renew(let generation):
            self.renew(&next, node, generation)
            next.operations[node]?.stage = .owing(write, version: version)
            return [("\(node) puts generation \(next.database.trust.generation) after \(generation)", next)]
        case .apply(let generation, let link):
            let command: ModelWorld.Command = operation.goal == .delete ? .bury(version) : .apply(version)
            return self.sending(world, node, command, generation, link) { next, outcome in
                if outcome == .done { self.acknowledge(&next, node, operation, version) }
            }
        }
    }

    private func acknowledge(_ next: inout ModelWorld, _ node: Int, _ operation: ModelWorld.Operation, _ version: Int) {
        next.operations[node] = nil
        if next.isLost(version) { return }
        next.acknowledged = max(next.acknowledged, version)
        // Something may have been put since.
        guard version == next.database.version else { return }
        if operation.goal == .delete { next.isDeletionAcknowledged = true } else { next.isLiveAcknowledged = true }
    }

    private func ask(
        _ world: ModelWorld,
        _ node: Int,
        _ operation: ModelWorld.Operation,
        _ generation: Int,
        _ link: Int
    ) -> [(String, ModelWorld?)] {
        var all: [(String, ModelWorld?)] = []
        if world.budget.silences > 0 {
            var next = world
            next.budget.silences -= 1
            next.nodes[node].lost(link)
            next.operations[node]?.stage = .querying(fill: nil, link: -1)
            all.append(("\(node) gets no answer to its read", next))
        }
        var next = world
        switch world.servers[world.links[link]][generation] {
        case .copy(let version):
            all.append(self.told(&next, node, operation, version: version, isDeleted: false, by: "the copy"))
        case .tombstone:
            all.append(self.told(&next, node, operation, version: .max, isDeleted: true, by: "the tombstone"))
        case .token:
            next.operations[node]?.stage = .querying(fill: nil, link: -1)
            all.append(("\(node) finds another's token", next))
        case nil:
            next.operations[node]?.stage = .tokening(generation: generation, link: link)
            all.append(("\(node) finds nothing", next))
        }
        return all
    }

    private func query(
        _ world: ModelWorld,
        _ node: Int,
        _ operation: ModelWorld.Operation,
        _ fill: Int?,
        _ link: Int
    ) -> (String, ModelWorld?) {
        var next = world
        next.nodes[node].saw(world.row(self.breakage), askedAt: world.time, at: world.time)
        let told = self.told(
            &next,
            node,
            operation,
            version: world.database.version,
            isDeleted: world.database.isDeleted,
            by: "PostgreSQL"
        )
        guard var after = told.1, let fill, !world.database.isDeleted else { return told }
        var filling = operation
        filling.stage = .filling(generation: fill, link: link, version: world.database.version)
        after.operations[node] = filling
        return (told.0, after)
    }

    /// The reader has its answer: here the promises are checked.
    private func told(
        _ next: inout ModelWorld,
        _ node: Int,
        _ operation: ModelWorld.Operation,
        version: Int,
        isDeleted: Bool,
        by source: String
    ) -> (String, ModelWorld?) {
        next.operations[node] = nil
        let said = isDeleted ? "deleted" : "version \(version)"
        if operation.wasDeleted, !isDeleted { return ("\(node) is told \(said) by \(source), but it was deleted", nil) }
        if operation.mustExist, isDeleted {
            return ("\(node) is told \(said) by \(source), but a live version was acknowledged", nil)
        }
        if !isDeleted, version < operation.floor {
            return ("\(node) is told \(said) by \(source), but \(operation.floor) was acknowledged", nil)
        }
        return ("\(node) is told \(said) by \(source)", next)
    }

    // MARK: Redis

    private enum Outcome { case done, failed }

    private func sending(
        _ world: ModelWorld,
        _ node: Int,
        _ command: ModelWorld.Command,
        _ generation: Int,
        _ link: Int,
        then: (inout ModelWorld, Outcome) -> Void
    ) -> [(String, ModelWorld?)] {
        let server = world.links[link]
        var all: [(String, ModelWorld?)] = []
        var done = world
        self.execute(command, generation, on: server, &done)
        then(&done, .done)
        all.append(("\(node) sends \(command) to \(server)", done))
        if world.budget.silences > 0 {
            var lost = world
            lost.budget.silences -= 1
            lost.nodes[node].lost(link)
            var late = lost
            late.stragglers.insert(.init(server: server, generation: generation, command: command))
            then(&lost, .failed)
            then(&late, .failed)
            all.append(("\(node) sends \(command) to \(server), which is lost", lost))
            all.append(("\(node) sends \(command) to \(server), which is late", late))
        }
        return all
    }

    /// What the scripts of the store do; what is written reaches the replica unless a failover comes first.
    func execute(_ command: ModelWorld.Command, _ generation: Int, on server: Int, _ next: inout ModelWorld) {
        let before = next.servers[server][generation]
        let number = ModelWorld.number
        var after = before
        switch (command, before) {
        case (.token(let owner), nil): after = .token(owner)
        case (.token, _): break
        case (.bury(let version), .copy(let stored)), (.bury(let version), .tombstone(let stored)):
            if number(stored) <= number(version) { after = .tombstone(version) }
        case (.bury(let version), _): after = .tombstone(version)
        case (.fill(let owner, let version), _):
            if before == .token(owner) || self.breakage == .noToken { after = .copy(version) }
        case (.apply, .token): after = nil
        case (.apply(let version), .copy(let stored)):
            if number(version) > number(stored) || self.breakage == .noVersion { after = .copy(version) }
        case (.apply(let version), .tombstone(let stored)):
            if number(version) > number(stored) { after = .copy(version) }
        case (.apply, nil): break
        }
        next.servers[server][generation] = after
    }

    // MARK: Upkeep

    static func suspect(_ world: inout ModelWorld, _ generation: Int) {
        guard world.database.trust.generation == generation, world.database.trust.phase != .suspect else { return }
        world.change { $0.trust.phase = .suspect }
    }

    private func renew(_ next: inout ModelWorld, _ node: Int, _ generation: Int) {
        if next.database.trust.generation <= generation {
            let (highest, run) = (next.highestGeneration, next.run)
            next.change {
                $0.trust.generation = highest + 1
                $0.trust.phase = .suspect
                $0.trustRun = run
            }
        }
        next.nodes[node].saw(next.row(self.breakage), askedAt: next.time, at: next.time)
    }

    private func upkeep(_ world: ModelWorld, _ node: Int) -> [(String, ModelWorld?)] {
        var all: [(String, ModelWorld?)] = []
        var seen = world
        seen.nodes[node].saw(world.row(self.breakage), askedAt: world.time, at: world.time)
        if seen != world { all.append(("\(node) looks at the row", seen)) }
        let state = world.nodes[node]
        let (trust, isOfThisRun) = (world.database.trust, !world.row(self.breakage).isOfEarlierRun)
        var next = world
        switch state.upkeep(at: world.time, allReach: true, quiet: .zero) {
        case .none: return all
        case .relink:
            guard world.budget.ticks > 0 || state.link == nil else { return all }
            next.links.append(world.primary)
            next.nodes[node].linked(next.links.count - 1, to: "\(world.primary)", at: world.time)
            guard next.links.count < 6 else { return all }
            all.append(("\(node) links to \(world.primary)", next))
            return all
        case .suspect(let generation):
            Self.suspect(&next, generation)
            all.append(("\(node) sees another server and marks generation \(generation)", next))
        case .renew(let generation):
            self.renew(&next, node, generation)
            all.append(("\(node) puts generation \(next.database.trust.generation) after \(generation)", next))
            return all
        case .rebuild(let generation, let serverID):
            guard trust.generation == generation, trust.phase == .suspect, isOfThisRun else { return all }
            self.rebuild(&next, in: serverID)
            all.append(("\(node) begins generation \(next.database.trust.generation) in \(serverID)", next))
        case .trust(let generation):
            guard trust.generation == generation, trust.phase == .rebuilding, isOfThisRun else { return all }
            next.change { $0.trust.phase = .trusted }
            all.append(("\(node) trusts generation \(generation)", next))
        }
        all[all.count - 1].1?.nodes[node].saw(next.row(self.breakage), askedAt: world.time, at: world.time)
        return all
    }

    private func rebuild(_ next: inout ModelWorld, in serverID: String) {
        let isSame = self.breakage == .sameGeneration
        let phase: SessionTrust.Phase = self.breakage == .noRebuilding || isSame ? .trusted : .rebuilding
        next.change {
            $0.trust.generation += isSame ? 0 : 1
            $0.trust.phase = phase
            $0.trust.serverID = serverID
        }
        if isSame { for index in 0..<2 { next.nodes[index] = self.renewed(next, index) } }
    }

    /// A node that believes a row that has gone back: what a protocol without generations would have it do.
    private func renewed(_ world: ModelWorld, _ index: Int) -> SessionNode {
        var node = SessionNode(lease: ModelWorld.lease)
        node.saw(world.row(self.breakage), askedAt: world.time, at: world.time)
        if let link = world.nodes[index].link { node.linked(link.number, to: link.serverID, at: world.time) }
        return node
    }
}
