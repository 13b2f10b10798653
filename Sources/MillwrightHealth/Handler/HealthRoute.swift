// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Finds which question a request asks, whatever noise the prober puts around the path.
enum HealthRoute {
    /// The question, or `nil` where the path is none of ours.
    ///
    /// HAProxy's plain `option httpchk` sends `OPTIONS / HTTP/1.0` without a Host; that, and `OPTIONS *`, asks how
    /// everything is, because no application answers them with anything a prober could use.
    static func face(method: String, target: String?) -> HealthFace? {
        guard let target else { return nil }
        let path = Self.path(of: target)
        if method == "OPTIONS", path == "/" || path == "*" { return .health }
        return HealthFace.allCases.first { $0.path == path }
    }

    /// The path of a request target: without query, fragment, scheme and host, and trailing slashes.
    static func path(of target: String) -> Substring {
        var path = target.prefix { $0 != "?" && $0 != "#" }
        if path.first != "/", let scheme = path.firstRange(of: "://") {
            path = path[scheme.upperBound...].drop { $0 != "/" }
            if path.isEmpty { return "/" }
        }
        while path.count > 1, path.last == "/" { path = path.dropLast() }
        return path
    }
}
