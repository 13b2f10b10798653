// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightHealth

@Suite("What is refused before anything runs")
struct HealthSetupTests {
    private func problems(_ checks: [String], _ groups: HealthGroup...) -> [String] {
        do {
            _ = try HealthEngine(checks.map { ScriptedCheck($0) }, groups: groups)
            return []
        } catch {
            return (error as? HealthSetupError)?.problems ?? ["\(error)"]
        }
    }

    @Test("Two checks of one name are refused and named")
    func duplicates() {
        #expect(self.problems(["memory", "disk", "memory"]) == ["Two health checks have the name `memory`."])
        #expect(self.problems(["memory", "disk"]).isEmpty)
    }

    @Test("A group that names a check which does not exist is refused, with what was probably meant")
    func unknownMember() {
        let problems = self.problems(["cache.sessions"], HealthGroup("shop", checks: ["cache.sesions"]))

        #expect(
            problems == [
                "The health group `shop` names `cache.sesions`, which is no health check. Did you mean `cache.sessions`?"
            ]
        )
    }

    @Test(
        "A group's name must be one that a path can hold and that is not taken",
        arguments: ["livez", "startupz", "health_check", "", "a/b", "Shop", "a b"]
    )
    func names(name: String) {
        #expect(self.problems(["memory"], HealthGroup(name, checks: ["memory"])).count == 1)
        #expect(self.problems(["memory"], HealthGroup("readyz", checks: ["memory"])).isEmpty)
    }

    @Test("Two groups of one name, and a group without checks, are refused")
    func emptyGroups() {
        let twice = self.problems(
            ["memory"],
            HealthGroup("shop", checks: ["memory"]),
            HealthGroup("shop", checks: ["memory"])
        )

        #expect(twice == ["Two health groups have the name `shop`."])
        #expect(self.problems(["memory"], HealthGroup("shop", checks: [])).count == 1)
    }

    @Test("A status without an HTTP status is refused and named, and so is one that says the opposite")
    func statusCodes() throws {
        let missing = #expect(throws: HealthSetupError.self) { try HealthStatusCodes([.pass: 200, .fail: 503]) }
        let opposite = #expect(throws: HealthSetupError.self) {
            try HealthStatusCodes([.pass: 302, .warn: 200, .fail: 200])
        }

        #expect(missing?.problems == ["The health status `warn` has no HTTP status."])
        #expect(opposite?.problems.count == 2)
        #expect(try HealthStatusCodes([.pass: 200, .warn: 429, .fail: 503]).code(of: .warn) == 429)
    }

    @Test("What the settings say of a check holds, and what they cannot say is refused")
    func tuning() throws {
        let check = try MemoryHealth().tuned(
            by: ["criticality": "degrading", "interval": "30s", "failures": "3", "warn": "70%"]
        )

        #expect(check.criticality == .degrading && check.schedule.interval == .seconds(30))
        #expect(check.schedule.failuresToFail == 3 && check.warnShare == 0.7)
        #expect(check.schedule.maximumAge == .seconds(90) + check.schedule.deadline)
        #expect(check.limits == [Evidence("warn", "0.7"), Evidence("fail", "0.9")])
        for wrong in [["criticality": "deadly"], ["warm": "70%"], ["warn": "hot"], ["interval": "soon"]] {
            #expect(throws: ThresholdError.self) { try MemoryHealth().tuned(by: wrong) }
        }
    }
}
