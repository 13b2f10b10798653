// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import HummingbirdCore

extension BindAddress {
    /// Reads `127.0.0.1:8080`, `[::1]:8080`, `:8080` (all addresses) and `unix:/run/app.sock`; `nil` for anything else.
    public init?(listening text: String) {
        if text.hasPrefix("unix:") {
            let path = text.dropFirst("unix:".count)
            guard !path.isEmpty else { return nil }
            self = .unixDomainSocket(path: String(path))
            return
        }
        guard let (host, port) = Self.hostAndPort(text) else { return nil }
        self = .hostname(host, port: port)
    }

    /// Reads the same without the socket's path.
    static func hostAndPort(_ text: String) -> (host: String, port: Int)? {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.first == "[", host.last == "]" {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        return (host.isEmpty ? "0.0.0.0" : String(host), Int(port))
    }
}
