// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// How an alias names its keys: `prefix:version:key`, as Django does.
///
/// A key's *group* is the key's first segment (`product` of `product:42`): the one label that hit ratios and key counts
/// are kept by, because an application has few of them.
public struct KeyLayout: Sendable, Hashable {
    /// Everything before the key itself: `erp:1:`.
    public let scope: String

    /// Creates the layout of an alias; an empty prefix gives `:1:key`, the same as Django's.
    public init(_ alias: CacheAlias) { self.scope = "\(alias.keyPrefix):\(alias.version):" }

    /// Returns the name that a key has in Redis.
    public func stored(_ key: String) -> String { self.scope + key }

    /// Returns the key of a name in Redis, or `nil` where the name belongs to somebody else.
    ///
    /// It looks for the whole scope instead of counting colons: a prefix may hold colons of its own.
    public func key(ofStored name: String) -> String? {
        name.hasPrefix(self.scope) ? String(name.dropFirst(self.scope.count)) : nil
    }

    /// Returns the group of a key: what stands before the first colon, the whole key where there is none.
    public static func group(of key: String) -> String {
        String(key.prefix { $0 != ":" })
    }

    /// The pattern that matches this alias's keys and no others, for `SCAN … MATCH`.
    public var pattern: String { Self.escaped(self.scope) + "*" }

    /// Escapes what Redis's glob matching would read as more than itself: `* ? [ ] \`.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            if "*?[]\\".contains(character) { result.append("\\") }
            result.append(character)
        }
        return result
    }
}
