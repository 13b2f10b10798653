// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightToolkit
import Testing

@Suite("The prober in the settings")
struct ProberSettingsTests {
    private func read(_ overrides: String...) -> SettingsResult {
        Settings.load(file: nil, environment: [:], overrides: overrides)
    }

    @Test("The drain follows from the prober, is shown as a default, and gives way to one that is given")
    func drain() {
        let undeclared = self.read()
        let declared = self.read("health.prober=haproxy inter 1s fall 4")
        let given = self.read("health.prober=alb", "health.drain=30s")

        #expect(undeclared.settings.health.drain == .seconds(8))
        #expect(undeclared.values.first { $0.key == "health.drain" }?.shown == "8s")
        #expect(declared.settings.health.drain == .seconds(5))
        #expect(declared.values.first { $0.key == "health.drain" }?.shown == "5s")
        #expect(declared.values.map(\.key) == declared.values.map(\.key).sorted())
        #expect(given.settings.health.drain == .seconds(30))
        #expect(given.values.filter { $0.key == "health.drain" }.map(\.shown) == ["30s"])
    }

    @Test("A prober that nobody knows is a problem that says what to write, and counts as none")
    func problem() {
        let result = self.read("health.prober=haproxy intr 2s")

        #expect(
            result.problems.map(\.description) == [
                "--set: health.prober has `intr`, which haproxy does not have. Did you mean `inter`?"
            ]
        )
        #expect(result.settings.health.prober == nil)
    }
}
