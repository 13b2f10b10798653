// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
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

        #expect(check.result(DiskUse(usedBytes: 50, availableBytes: 50)).status == .pass)
        #expect(check.result(DiskUse(usedBytes: 91, availableBytes: 9)).code == "disk.high")
        #expect(check.result(DiskUse(usedBytes: 98, availableBytes: 2)).code == "disk.full")
    }

    @Test("A disk without inodes is as full as one without bytes, and one that takes no writes is a warning")
    func inodes() {
        let bare = DiskUse(usedBytes: 1, availableBytes: 9, usedInodes: 99, availableInodes: 1)
        let readOnly = DiskUse(usedBytes: 1, availableBytes: 9, isReadOnly: true)

        #expect(DiskHealth().result(bare).code == "disk.full")
        #expect(DiskHealth().result(readOnly).code == "disk.read_only")
        #expect(DiskUse(usedBytes: 0, availableBytes: 0).share == 0)
    }

    @Test("Lag is judged by its length")
    func lag() {
        let check = LagHealth()

        #expect(check.result(lag: .milliseconds(3)).status == .pass)
        #expect(check.result(lag: .milliseconds(300)).code == "event_loop.slow")
        #expect(check.result(lag: .seconds(2)).code == "event_loop.stalled")
    }

    @Test("Load is counted for each processor, and descriptors against the process's own limit")
    func loadAndDescriptors() {
        #expect(LoadHealth.load("3.50 2.00 1.00 2/345 6789\n") == 3.5)
        #expect(LoadHealth().result(load: 3.5, processors: 2).status == .pass)
        #expect(LoadHealth().result(load: 4, processors: 2).code == "cpu.busy")
        #expect(LoadHealth().result(load: 16, processors: 2).code == "cpu.overloaded")
        #expect(DescriptorHealth().result(open: 10, maximum: 100).status == .pass)
        #expect(DescriptorHealth().result(open: 80, maximum: 100).code == "descriptors.high")
        #expect(DescriptorHealth().result(open: 95, maximum: 100).code == "descriptors.exhausted")
    }

    @Test("An open file is counted as a descriptor")
    func countedDescriptors() throws {
        // Others open and close files at the same time: many more must be seen than they account for.
        let before = try #require(DescriptorHealth.count())
        let opened = (0..<200).map { _ in open("/dev/null", O_RDONLY) }
        let after = try #require(DescriptorHealth.count())
        opened.forEach { close($0) }

        #expect(after >= before + 100)
    }

    @Test("Busy machines are shown and have no say; what is local and deadly is critical")
    func criticalities() {
        #expect(LoadHealth().criticality == .informational)
        #expect(
            [DiskHealth().criticality, MemoryHealth().criticality, LagHealth().criticality]
                == [.critical, .critical, .critical]
        )
        #expect(DescriptorHealth().criticality == .critical)
    }

    @Test("This machine can be looked at, and a folder that is not there is a failure")
    func real() async throws {
        #expect(try await MemoryHealth().run().facts.first?.name == "usage_percent")
        #expect(try await DiskHealth().run().facts.count == 3)
        #expect(try await LagHealth().run().facts.first?.name == "lag_ms")
        #expect(try await DiskHealth(path: "/nowhere/at/all").run().code == "disk.unreadable")
    }
}
