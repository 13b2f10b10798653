// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightSandbox
import Synchronization

/// A folder for servers of this test process; it goes when the process goes.
struct TestFolder: Sendable, Hashable {
    /// `millwright-test-<pid namespace>-<pid>-<start>-<number>`: the name says whose it is.
    var name: String

    private static let parent = "/tmp"
    private static let stem = "millwright-test-\(Self.namespace)-"
    private static let made = Mutex<[TestFolder]>([])

    var sandbox: Sandbox { Sandbox(folder: "\(Self.parent)/\(self.name)") }

    /// Names a new folder that is removed at exit, after sweeping away what killed test processes have left.
    static func make() -> Self {
        _ = Self.isPrepared
        return Self.made.withLock { made in
            let folder = Self(name: "\(Self.stem)\(Self.owner)-\(made.count + 1)")
            made.append(folder)
            return folder
        }
    }

    private static let isPrepared: Bool = {
        for orphan in Self.orphans(among: Files.names(in: Self.parent)) { orphan.sandbox.removeAtOnce() }
        return atexit { for folder in TestFolder.made.withLock({ $0 }) { folder.sandbox.removeAtOnce() } } == 0
    }()

    /// Picks the folders whose process is gone; those of another pid namespace are not ours to judge.
    static func orphans(among names: [String], stat: (Int32) -> ProcessStat? = { ProcessTable.stat($0) }) -> [Self] {
        names.filter { $0.hasPrefix(Self.stem) }.filter { name in
            let numbers = name.dropFirst(Self.stem.count).split(separator: "-")
            guard numbers.count == 3, let pid = Int32(numbers[0]), let start = UInt64(numbers[1]) else { return false }
            return stat(pid)?.startTicks != start
        }.map { Self(name: $0) }
    }

    private static let owner = "\(getpid())-\(ProcessTable.stat(getpid())?.startTicks ?? 0)"
    private static let namespace = String(ProcessTable.era.drop { $0 != "[" }.filter(\.isNumber))
}
