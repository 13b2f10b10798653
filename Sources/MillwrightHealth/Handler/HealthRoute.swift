// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import HTTPTypes

/// Finds which question a request asks, whatever noise the prober puts around the path.
enum HealthRoute {
    /// The question, or `nil` where the path is none of ours.
    static func face(method: HTTPRequest.Method, target: String?, groups: [HealthGroup] = []) -> HealthFace? {
        self.path(method: method, target: target).flatMap { self.face(of: $0, in: groups) }
    }

    /// The path where it may be one of ours; `nil` soon for the many requests that have nothing to do with health.
    ///
    /// HAProxy's plain `option httpchk` sends `OPTIONS / HTTP/1.0` without a Host; that, and `OPTIONS *`, asks how
    /// everything is, because no application answers them with anything a prober could use.
    static func path(method: HTTPRequest.Method, target: String?) -> Substring? {
        guard let target else { return nil }
        let path = Self.path(of: target)
        if method == .options, path == "/" || path == "*" { return Self.health }
        // bytes, not characters: every request of the host comes by here
        return path.utf8.starts(with: Self.health.utf8) || Self.short.contains(path) ? path : nil
    }

    /// The question that a path asks.
    static func face(of path: Substring, in groups: [HealthGroup]) -> HealthFace? {
        if path == Self.health { return .health }
        let name = path.dropFirst()
        if let face = HealthFace.fixed.first(where: { name == $0.name }) { return face }
        guard path.hasPrefix(Self.health), path.dropFirst(Self.health.count).first == "/" else { return nil }
        let group = path.dropFirst(Self.health.count + 1)
        if let known = groups.first(where: { $0.name == group }) { return .group(known.name) }
        return group == HealthFace.readyz.name ? .group(HealthFace.readyz.name) : nil
    }

    private static let health = Substring(HealthFace.health.path)
    private static let short: Set<Substring> = ["/livez", "/readyz", "/startupz"]

    /// The path of a request target: without query, fragment, scheme and host, and trailing slashes.
    static func path(of target: String) -> Substring {
        let end = target.utf8.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
        var path = target[..<(end ?? target.endIndex)]
        if path.utf8.first != UInt8(ascii: "/"), let scheme = path.firstRange(of: "://") {
            path = path[scheme.upperBound...].drop { $0 != "/" }
            if path.isEmpty { return "/" }
        }
        while path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") { path = path.dropLast() }
        return path
    }
}
