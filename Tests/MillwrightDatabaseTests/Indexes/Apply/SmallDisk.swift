// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation

/// A disk of a megabyte, which is full soon: a file system in memory, which only root can mount, and not in every container.
struct SmallDisk: Sendable {
    let path: String

    /// Whether one can be mounted here.
    static let isPossible: Bool = {
        guard let disk = try? SmallDisk() else { return false }
        disk.remove()
        return true
    }()

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "millwright-disk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        self.path = folder.path
        guard Self.run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", self.path) else {
            try FileManager.default.removeItem(at: folder)
            throw CocoaError(.fileWriteNoPermission)
        }
    }

    /// Gives it to the user who owns a folder.
    func give(toOwnerOf folder: String) throws {
        let owner = try FileManager.default.attributesOfItem(atPath: folder)
        let wanted = owner.filter { [.ownerAccountID, .groupOwnerAccountID].contains($0.key) }
        try FileManager.default.setAttributes(wanted, ofItemAtPath: self.path)
    }

    func remove() {
        _ = Self.run("umount", "--lazy", self.path)
        try? FileManager.default.removeItem(atPath: self.path)
    }

    private static func run(_ arguments: String...) -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
