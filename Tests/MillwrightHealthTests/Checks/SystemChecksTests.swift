// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightHealth

@Suite("Checks on the node itself")
struct SystemChecksTests {
    private let meminfo = """
        MemTotal:        8000000 kB
        MemFree:          100000 kB
        MemAvailable:    2000000 kB
        """

    @Test("Memory in use is what is not available, so the page cache does not count")
    func meminfoUse() {
        #expect(MemoryUse(meminfo: self.meminfo) == MemoryUse(usedBytes: 6_144_000_000, totalBytes: 8_192_000_000))
        #expect(MemoryUse(meminfo: "MemTotal: x kB") == nil)
    }

    @Test("A container's limit counts without its inactive page cache, and no limit is no container")
    func cgroup() {
        let stat = "anon 5\ninactive_file 300\n"

        #expect(
            MemoryUse(cgroupMaximum: "1000\n", current: "800\n", stat: stat)
                == MemoryUse(usedBytes: 500, totalBytes: 1000)
        )
        #expect(MemoryUse(cgroupMaximum: "max\n", current: "800\n", stat: stat) == nil)
        #expect(CgroupPath.unified("1:name=systemd:/x\n0::/app.slice\n") == "/app.slice")
        #expect(CgroupPath.unified("1:memory:/docker\n") == nil)
    }

    @Test(
        "Memory warns at 85 % and fails at 90 %, of whichever of host and container is fuller",
        arguments: [
            (0.5, nil, HealthStatus.pass, "host"), (0.86, nil, .warn, "host"), (0.5, 0.95, .fail, "container"),
            (0.92, 0.10, .fail, "host"),
        ] as [(Double, Double?, HealthStatus, String)]
    )
    func memory(host: Double, container: Double?, status: HealthStatus, scope: String) {
        let result = MemoryHealth().result(
            host: MemoryUse(usedBytes: Int(host * 1000), totalBytes: 1000),
            container: container.map { MemoryUse(usedBytes: Int($0 * 500), totalBytes: 500) }
        )

        #expect(result.status == status)
        #expect(result.facts.contains(Evidence("scope", .text(scope))))
    }

    @Test("A disk warns at 90 % and fails at 97 %")
    func disk() {
        let check = DiskHealth()

        #expect(check.result(usedBytes: 50, availableBytes: 50).status == .pass)
        #expect(check.result(usedBytes: 91, availableBytes: 9).code == "disk.high")
        #expect(check.result(usedBytes: 98, availableBytes: 2).code == "disk.full")
    }

    @Test("Lag is judged by its length")
    func lag() {
        let check = LagHealth()

        #expect(check.result(lag: .milliseconds(3)).status == .pass)
        #expect(check.result(lag: .milliseconds(300)).code == "event_loop.slow")
        #expect(check.result(lag: .seconds(2)).code == "event_loop.stalled")
    }

    @Test("This machine can be looked at, and a folder that is not there is a failure")
    func real() async throws {
        #expect(try await MemoryHealth().run().facts.first?.name == "usage_percent")
        #expect(try await DiskHealth().run().facts.count == 2)
        #expect(try await LagHealth().run().facts.first?.name == "lag_ms")
        #expect(try await DiskHealth(path: "/nowhere/at/all").run().code == "disk.unreadable")
    }
}
