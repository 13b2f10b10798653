// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import FoundationEssentials
import Glibc

/// The few things the sandbox does with files; reading answers `nil`, changing throws.
package enum Files {
    /// Returns a file's text, or `nil` when it cannot be read.
    package static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return count < 0 ? nil : String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }

    /// Replaces a file as a whole: whoever reads it sees the old text or the new one.
    ///
    /// The new file is made under another name with `O_EXCL`, so that a link planted in a server's folder is never followed.
    static func write(_ text: String, to path: String, mode: mode_t = 0o600, owner: ServerUser? = nil) throws {
        let draft = "\(path).\(getpid()).new"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Self.unusable("write \(path)") }
        let isWritten = Self.writeAll(Array(text.utf8), to: descriptor)
        let isOwned = owner.map { !$0.mustDrop || fchown(descriptor, $0.userID, $0.groupID) == 0 } ?? true
        close(descriptor)
        guard isWritten, isOwned, rename(draft, path) == 0 else {
            let error = Self.unusable("write \(path)")
            unlink(draft)
            throw error
        }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Makes a folder, or takes the one that is there if it is a real folder of ours or of the owner wanted.
    static func makeFolder(_ path: String, mode: mode_t, owner: ServerUser? = nil) throws {
        if mkdir(path, mode) != 0 && errno != EEXIST { throw Self.unusable("make the folder \(path)") }
        var status = Glibc.stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw Self.unusable("use \(path) as a folder")
        }
        guard [geteuid(), owner?.userID].contains(status.st_uid) else {
            throw SandboxError(
                .folderUnusable,
                tried: "Tried to use the folder \(path).",
                stopped: "It belongs to another user (uid \(status.st_uid)).",
                next: "Choose another folder, or remove that one."
            )
        }
        if let owner, owner.mustDrop, status.st_uid != owner.userID, lchown(path, owner.userID, owner.groupID) != 0 {
            throw Self.unusable("give the folder \(path) to \(owner.name)")
        }
        if chmod(path, mode) != 0 { throw Self.unusable("set the mode of \(path)") }
    }

    /// Makes a folder and those above it, with the mode that the process's umask gives.
    static func makeFolders(_ path: String) throws {
        try Self.naming("make the folder \(path)") {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
    }

    /// Removes a file or a folder with all that is in it; one that is not there is removed already.
    static func remove(_ path: String) throws {
        guard Self.exists(path) else { return }
        try Self.naming("remove \(path)") { try FileManager.default.removeItem(atPath: path) }
    }

    /// Removes a folder into which a process that was just killed may still write for a moment.
    static func removeInUse(_ path: String, limit: Duration = .seconds(5)) async throws {
        let isRemoved = try await Wait.until(limit) { (try? Self.remove(path)) != nil }
        if !isRemoved { try Self.remove(path) }
    }

    static func rename(_ path: String, to new: String) throws {
        if Self.rename(path, new) != 0 { throw Self.unusable("rename \(path) to \(new)") }
    }

    private static func rename(_ path: String, _ new: String) -> Int32 { Glibc.rename(path, new) }

    private static func naming(_ what: String, _ body: () throws -> Void) throws {
        do { try body() } catch let error as SandboxError { throw error } catch { throw Self.unusable(what) }
    }

    /// The error for what `errno` says now.
    static func unusable(_ what: String) -> SandboxError {
        SandboxError(
            .folderUnusable,
            tried: "Tried to \(what).",
            stopped: "The system refused: \(String(cString: strerror(errno))).",
            next: "Check the folder's owner, its mode and the free space, or choose another folder."
        )
    }
}

extension Files {
    static func exists(_ path: String) -> Bool {
        var status = Glibc.stat()
        return lstat(path, &status) == 0
    }

    static func isExecutable(_ path: String) -> Bool {
        var status = Glibc.stat()
        return fstatat(AT_FDCWD, path, &status, 0) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }

    /// Seconds since 1970.
    static func modificationTime(_ path: String) -> Double? {
        var status = Glibc.stat()
        guard fstatat(AT_FDCWD, path, &status, 0) == 0 else { return nil }
        return Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
    }

    /// The names in a folder, sorted; none when it cannot be read.
    package static func names(in folder: String) -> [String] {
        guard let handle = opendir(folder) else { return [] }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    package static func linkTarget(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink(path, &buffer, buffer.count)
        return count < 0 ? nil : String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The last lines of a file, at most `bytes` of it; empty when there is none.
    static func tail(of path: String, lines: Int = 6, bytes: Int = 4096) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        lseek(descriptor, max(0, size - bytes), SEEK_SET)
        var buffer = [UInt8](repeating: 0, count: bytes)
        let count = Glibc.read(descriptor, &buffer, bytes)
        guard count > 0 else { return "" }
        let text = String(decoding: buffer[..<count], as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).suffix(lines).joined(separator: "\n")
    }
}
