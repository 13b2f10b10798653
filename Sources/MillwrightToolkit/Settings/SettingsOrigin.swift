// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Where a value of the settings came from.
public enum SettingsOrigin: Sendable, Hashable {
    /// `--set` on the command line.
    case flag
    /// An environment variable.
    case environment(variable: String)
    /// A line of the settings file.
    case file(path: String, line: Int)
    /// The built-in default.
    case fallback
}

extension SettingsOrigin: CustomStringConvertible {
    /// The origin for people: `flag --set`, `environment DATABASE_URL`, `file millwright.yaml:3`, `default`.
    public var description: String {
        switch self {
        case .flag: "flag --set"
        case .environment(let variable): "environment \(variable)"
        case .file(let path, let line): "file \(path):\(line)"
        case .fallback: "default"
        }
    }

    /// The layer's name in JSON: `flag`, `environment`, `file`, `default`.
    public var layer: String {
        switch self {
        case .flag: "flag"
        case .environment: "environment"
        case .file: "file"
        case .fallback: "default"
        }
    }
}
