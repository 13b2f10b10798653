// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import Testing

@testable import MillwrightSandbox
@testable import MillwrightTesting

@Suite("Folders of test processes")
struct TestFolderTests {
    @Test("Only a folder whose process is gone, or whose pid is another's now, is an orphan")
    func orphans() throws {
        let mine = TestFolder.make().name
        let stem = mine.prefix { $0 != "-" } + "-test-"
        let own = mine.split(separator: "-")
        let namespace = own[2]
        let gone = "\(stem)\(namespace)-4194305-17-1"
        let recycled = "\(stem)\(namespace)-\(getpid())-1-1"
        let foreign = "\(stem)1-4194305-17-1"
        let nonsense = "\(stem)\(namespace)-x"

        let orphans = TestFolder.orphans(among: [mine, gone, recycled, foreign, nonsense, "tmp"])

        #expect(orphans.map(\.name) == [gone, recycled])
    }
}
