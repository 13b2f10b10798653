// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One thing that is wrong with the settings: where, what, and what to write instead.
public struct SettingsProblem: Error, Sendable, Hashable {
    /// Where it stands; `nil` where it stands nowhere, as a missing file does.
    public var origin: SettingsOrigin?
    /// The dotted key, empty where the problem is with the whole file.
    public var key: String
    /// What is wrong, to be read after the key: `is not a span of time`.
    public var message: String
    /// What to write or do instead, a sentence.
    public var advice: String

    /// Creates a problem.
    public init(_ key: String, at origin: SettingsOrigin?, _ message: String, advice: String) {
        self.key = key
        self.origin = origin
        self.message = message
        self.advice = advice
    }
}

extension SettingsProblem: CustomStringConvertible {
    /// One line: `millwright.yaml:3: databases.default.urll is not a known key. Did you mean `url`?`.
    public var description: String {
        let place =
            switch self.origin {
            case .file(let path, let line): line > 0 ? "\(path):\(line): " : "\(path): "
            case .environment(let variable): "environment variable \(variable): "
            case .flag: "--set: "
            case .fallback, nil: ""
            }
        let key = self.key.isEmpty ? "" : "\(self.key) "
        return "\(place)\(key)\(self.message). \(self.advice)"
    }
}
