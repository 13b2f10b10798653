// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
public import MillwrightCore

/// The settings file as it was read: its path, its text and who may read it.
public struct SettingsFile: Sendable, Hashable {
    /// The path as it was given.
    public var path: String
    /// The text, which may hold passwords.
    public var text: Secret<String>
    /// The permission bits, such as `0o644`.
    public var permissions: UInt32

    /// Creates a file from parts, for tests and hosts that keep settings elsewhere.
    public init(path: String, text: String, permissions: UInt32 = 0o600) {
        self.path = path
        self.text = Secret(text)
        self.permissions = permissions
    }

    /// The file looked for when nobody names one.
    public static let conventionalPath = "millwright.yaml"
}

extension SettingsFile {
    /// More than any settings; it keeps a wrong path from filling the memory.
    private static let largest = 1 << 20

    /// Finds and reads the file: the one named by the flag, by `MILLWRIGHT_SETTINGS`, or `./millwright.yaml` if it is there.
    ///
    /// Returns neither file nor problem where nobody named one and none is there.
    static func find(flag: String?, environment: [String: String]) -> (file: SettingsFile?, problem: SettingsProblem?) {
        let named = flag ?? environment["MILLWRIGHT_SETTINGS"].flatMap { $0.isEmpty ? nil : $0 }
        if named == nil, access(Self.conventionalPath, F_OK) != 0 { return (nil, nil) }
        let path = named ?? Self.conventionalPath
        do throws(SettingsProblem) {
            return (try Self.read(path), nil)
        } catch {
            return (nil, error)
        }
    }

    /// Reads one file.
    static func read(_ path: String) throws(SettingsProblem) -> SettingsFile {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.problem(path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.problem(path, errno) }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw Self.problem(path, EISDIR) }
        let bytes = try Self.bytes(of: descriptor, path)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Self.problem(path, "The file is not UTF-8 text", "Save it as UTF-8.")
        }
        return SettingsFile(path: path, text: text, permissions: status.st_mode & 0o777)
    }

    private static func bytes(of descriptor: Int32, _ path: String) throws(SettingsProblem) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.problem(path, errno) }
            bytes += chunk[..<count]
            guard bytes.count <= Self.largest else {
                throw Self.problem(path, "The file is larger than 1 MB", "Check that the path names the settings.")
            }
        }
    }

    private static func problem(_ path: String, _ code: Int32) -> SettingsProblem {
        let advice =
            code == ENOENT
            ? "Check the path given by `--settings` or `MILLWRIGHT_SETTINGS`."
            : "Check the file and who may read it (`ls -l`)."
        return Self.problem(path, "The file cannot be read: \(String(cString: strerror(code)))", advice)
    }

    private static func problem(_ path: String, _ message: String, _ advice: String) -> SettingsProblem {
        SettingsProblem("", at: .file(path: path, line: 0), message, advice: advice)
    }
}
