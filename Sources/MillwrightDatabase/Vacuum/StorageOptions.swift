// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Storage parameters as `reloptions` spells them.
enum StorageOptions {
    /// Splits each `name=value`, as `pg_options_to_table()` does.
    static func values(in options: [String]) -> [String: String] {
        let pairs = options.compactMap { option -> (String, String)? in
            guard let equals = option.firstIndex(of: "=") else { return nil }
            return (String(option[..<equals]), String(option[option.index(after: equals)...]))
        }
        return Dictionary(pairs) { _, last in last }
    }

    /// The server's spellings of a Boolean: any beginning of `true`, `false`, `yes`, `no`, then `on`, `of`, `off`, `1`, `0`.
    static func boolean(_ text: String) -> Bool? {
        let word = text.lowercased()
        if word.isEmpty { return nil }
        if word == "on" || word == "1" || "true".hasPrefix(word) || "yes".hasPrefix(word) { return true }
        if word == "0" || "false".hasPrefix(word) || "no".hasPrefix(word) { return false }
        return word == "of" || word == "off" ? false : nil
    }
}
