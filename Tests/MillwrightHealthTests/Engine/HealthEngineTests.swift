// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightHealth

@Suite("Health engine", .timeLimit(.minutes(1)))
struct HealthEngineTests {
    @Test("A check that ignores its cancellation holds nobody and is never run a second time while it hangs")
    func deaf() async throws {
        let gate = DeafGate()
        let hung = ScriptedCheck("hung", schedule: .hasty) {
            await gate.wait()
            return .pass()
        }
        let engine = try HealthEngine([hung, ScriptedCheck("fine")])

        // That both come back is the proof that they wait for nobody: the gate is closed until they do.
        await engine.sample()
        await engine.sample()

        let entries = engine.snapshot().entries
        #expect(hung.runs == 1)
        #expect(entries.map(\.result.code) == ["still_running", "ok"] && entries[0].hangingSince != nil)
        gate.open()
    }

    @Test("A check that hung is run again after it came back")
    func recovers() async throws {
        let gate = DeafGate()
        let check = ScriptedCheck("slow", schedule: .hasty) {
            await gate.wait()
            return .pass()
        }
        let engine = try HealthEngine([check])
        await engine.sample()
        gate.open()

        repeat { await engine.sample() } while engine.snapshot().entries[0].result != .pass()

        #expect(check.runs == 2)
    }

    @Test("An error is a failure with a fixed word, never its text")
    func errors() async throws {
        struct Leak: Error, CustomStringConvertible { let description = "postgres://app:secret@db/erp" }
        let engine = try HealthEngine([ScriptedCheck("leaky") { throw Leak() }])

        let snapshot = await engine.sample()

        #expect(snapshot.entries.map(\.result) == [HealthResult(.fail, code: "error")])
        #expect(!snapshot.document().text(pretty: false).contains("secret"))
    }

    @Test("The node starts with the first look at every check, also where one hangs; a held start waits for the host")
    func starts() async throws {
        let gate = DeafGate()
        let engine = try HealthEngine([
            ScriptedCheck("hung", schedule: .hasty) {
                await gate.wait()
                return .pass()
            }
        ])
        let held = try HealthEngine([], holdsStart: true)
        #expect(engine.snapshot().phase == .starting && held.snapshot().phase == .starting)

        await engine.sample()
        held.ready()

        #expect(engine.snapshot().phase == .serving && held.snapshot().phase == .serving)
        gate.open()
    }

    @Test("Draining fails readiness at once and for good")
    func drains() async throws {
        let engine = try HealthEngine([ScriptedCheck("fine")])
        await engine.sample()
        #expect(engine.snapshot().status(of: .readyz) == .pass)

        engine.drain()
        await engine.sample()

        #expect(engine.snapshot().status(of: .readyz) == .fail)
    }

    @Test("Probers between two changes get the same snapshot, and asking runs no check")
    func coalesced() async throws {
        let check = ScriptedCheck("fine")
        let engine = try HealthEngine([check])
        await engine.sample()

        let ids = await withTaskGroup(of: String.self) { group in
            for _ in 0..<1000 { group.addTask { engine.snapshot().id } }
            return await group.reduce(into: [String]()) { $0.append($1) }
        }

        #expect(Set(ids).count == 1 && check.runs == 1)
    }

    @Test("The sampler runs each check on its own interval and ends with its task")
    func samples() async throws {
        let fast = ScriptedCheck("fast", schedule: HealthSchedule(interval: .milliseconds(5)))
        let slow = ScriptedCheck("slow", schedule: HealthSchedule(interval: .seconds(60)))
        let engine = try HealthEngine([fast, slow])

        let sampling = Task { await engine.run() }
        while fast.runs < 5 { await Task.yield() }
        sampling.cancel()
        await sampling.value

        #expect(slow.runs == 1)
    }
}
