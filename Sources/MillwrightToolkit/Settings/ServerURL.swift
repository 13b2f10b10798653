// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightRedis

/// The addresses of servers, as far as the settings judge them; the drivers judge the rest.
enum ServerURL {
    /// What is wrong with the address of a database.
    static func databaseFault(_ text: String) -> SettingsFault? {
        let advice = "Write `postgres://user@host:5432/database`, or `host=… dbname=…` as libpq reads it."
        if let scheme = Self.scheme(of: text) {
            guard ["postgres", "postgresql"].contains(scheme) else {
                return SettingsFault("has the scheme `\(scheme)://`, which is not PostgreSQL's", advice)
            }
            return Self.authorityFault(text, advice: advice)
        }
        guard text.contains("=") else { return SettingsFault("is not the address of a database", advice) }
        return nil
    }

    /// What is wrong with the address of a cache, in the words of the client that will use it.
    static func cacheFault(_ text: String) -> SettingsFault? {
        do {
            _ = try RedisConfiguration(text)
            return nil
        } catch {
            let hint = (error as? RedisError)?.hint ?? "It cannot be read."
            let advice =
                "Write `redis://host:6379/1`, `redis+sentinel://host:26379,host:26379/name/1`, or `unix:///path/to/redis.sock?db=1`."
            return SettingsFault(
                "is not the address of a cache. \(hint.hasSuffix(".") ? String(hint.dropLast()) : hint)",
                advice
            )
        }
    }

    /// What is wrong with the addresses of Sentinels.
    static func sentinelsFault(_ text: String) -> SettingsFault? {
        do {
            _ = try RedisSentinels(of: "name", hosts: SettingsText.list(text))
            return nil
        } catch {
            return SettingsFault(
                "does not name Sentinels",
                "Write a list of addresses, such as `[10.0.0.1:26379, 10.0.0.2:26379]`."
            )
        }
    }

    /// The text before `://`, in lower case.
    static func scheme(of text: String) -> String? {
        guard let mark = Self.range(of: "://", in: text) else { return nil }
        return text[..<mark.lowerBound].lowercased()
    }

    private static func authorityFault(_ text: String, advice: String) -> SettingsFault? {
        guard !text.contains(where: \.isWhitespace) else {
            return SettingsFault("holds a blank", "Write `%20` for it.")
        }
        for host in Self.hosts(of: text) {
            guard let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") else { continue }
            let port = host[host.index(after: colon)...]
            guard port.isEmpty || (UInt16(port).map { $0 > 0 } ?? false) else {
                return SettingsFault("has the port `\(port)`, which is not between 1 and 65535", advice)
            }
        }
        return nil
    }

    /// The hosts of an address, without the user: libpq takes several, separated by commas.
    private static func hosts(of text: String) -> [Substring] {
        guard let mark = Self.range(of: "://", in: text) else { return [] }
        let authority = text[mark.upperBound...].prefix { !"/?#".contains($0) }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        return host.split(separator: ",")
    }

    static func range(of mark: String, in text: String) -> Range<String.Index>? {
        text.ranges(of: mark).first
    }

    /// Whether the address leads over a network: not to a socket, not to this machine.
    static func isOverNetwork(_ text: String) -> Bool {
        let hosts =
            Self.scheme(of: text) == nil ? [Self.keyword("host", of: text)] : Self.hosts(of: text).map(Self.name)
        return hosts.contains { host in
            !(host.isEmpty || host.hasPrefix("/") || host.hasPrefix("%2F") || host.hasPrefix("127.")
                || ["localhost", "::1", "[::1]"].contains(host))
        }
    }

    /// Whether the connection is refused where TLS is not to be had.
    static func demandsTLS(_ text: String) -> Bool {
        ["require", "verify-ca", "verify-full"].contains { text.contains("sslmode=\($0)") }
    }

    private static func keyword(_ name: String, of text: String) -> String {
        let word = text.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix(name + "=") }
        return word.map { String($0.dropFirst(name.count + 1)) } ?? ""
    }

    /// The host without its port.
    private static func name(of host: Substring) -> String {
        guard !host.hasSuffix("]"), let colon = host.lastIndex(of: ":") else { return String(host) }
        return String(host[..<colon])
    }
}
