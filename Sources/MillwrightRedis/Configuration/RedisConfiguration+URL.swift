// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

extension RedisConfiguration {
    /// Reads `redis://user:password@host:port/database`, `unix:///path/to/socket?db=1` or, where Sentinels say who the primary is,
    /// `redis+sentinel://user:password@sentinel1:port,sentinel2:port/name/database?sentinel_password=…`.
    ///
    /// Left out parts are those of `redis-cli`: 127.0.0.1, port 6379, database 0. User, password, host and path are
    /// percent-decoded. User and password are those of the Redis servers; the Sentinels' own are `sentinel_username` and
    /// `sentinel_password`. The message of an error says which part is wrong and never quotes it, because a URL holds a
    /// password.
    public init(_ url: String) throws {
        let (scheme, rest) = try Self.scheme(of: url)
        let (body, query) = rest.splitOnce("?")
        var options = try Options(query: query)
        switch scheme {
        case "redis", "rediss":
            if scheme == "rediss" {
                guard RedisTLSSettings.isAvailable else { throw RedisTLSSettings.missing }
                options.tls = options.tls ?? RedisTLSSettings()
            } else if options.tls != nil {
                throw Self.wrong("The ssl_ options after ? belong to a URL that begins with rediss://.")
            }
            let (authority, path) = body.splitOnce("/")
            try self.init(authority: authority)
            if let path, !path.isEmpty { try options.setDatabase(path) }
        case "unix", "redis+unix", "redis+socket":
            try self.init(socket: body)
        case "redis+sentinel":
            let (authority, path) = body.splitOnce("/")
            try self.init(sentinels: authority, path: path ?? "", options: &options)
        case "rediss+sentinel":
            throw Self.wrong("TLS with Sentinels is not there; name the primary itself with rediss://.")
        default: throw Self.wrong(Self.schemes)
        }
        if self.sentinels == nil { try options.requireNoSentinel() }
        self.database = options.database ?? 0
        self.tls = options.tls
        if let version = options.protocolVersion { self.protocolVersion = version }
        if let name = options.clientName { self.clientName = name }
        if let user = options.user { self.user = user }
        if let password = options.password { self.password = Secret(password) }
    }

    private init(authority: Substring) throws {
        self.init()
        var address = authority
        if let at = authority.lastIndex(of: "@") {
            address = authority[authority.index(after: at)...]
            try self.setCredentials(authority[..<at])
        }
        self.endpoint = try Self.endpoint(address)
    }

    private init(socket body: Substring) throws {
        self.init()
        var path = body
        // unix://user:password@/path, as other libraries write it
        if let slash = body.firstIndex(of: "/"), body[..<slash].last == "@" {
            try self.setCredentials(body[..<slash].dropLast())
            path = body[slash...]
        }
        guard path.first == "/" else {
            throw Self.wrong("A unix:// URL needs an absolute path: unix:///run/redis.sock.")
        }
        let decoded = try Self.decoded(path, part: "socket's path")
        // sockaddr_un has room for 107 bytes and a zero; hiredis would cut the path in silence.
        guard decoded.utf8.count <= 107 else {
            throw Self.wrong("The path of a Unix socket may have at most 107 bytes.")
        }
        self.endpoint = .unix(path: decoded)
    }

    mutating func setCredentials(_ text: Substring) throws {
        let (user, password) = text.splitOnce(":")
        guard let password else {
            // redis-cli takes it for the password, redis-py for the user: neither guess is safe.
            throw Self.wrong("Before the @ there must be user:password, or :password alone.")
        }
        if !user.isEmpty { self.user = try Self.decoded(user, part: "user") }
        if !password.isEmpty { self.password = Secret(try Self.decoded(password, part: "password")) }
    }

    private static func scheme(of url: String) throws -> (String, Substring) {
        guard let mark = url.firstRange(of: "://") else { throw Self.wrong(Self.schemes) }
        return (url[..<mark.lowerBound].lowercased(), url[mark.upperBound...])
    }

    private static let schemes = "The URL must begin with redis://, rediss://, redis+sentinel:// or unix://."

    static func endpoint(_ address: Substring, defaultPort: Int = 6_379) throws -> Endpoint {
        var host = address
        var port: Substring?
        if address.first == "[" {
            guard let end = address.firstIndex(of: "]") else {
                throw Self.wrong("An IPv6 address lacks its closing ].")
            }
            host = address[address.index(after: address.startIndex)..<end]
            let rest = address[address.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else {
                throw Self.wrong("After ] there must be a colon and a port.")
            }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else {
            (host, port) = address.splitOnce(":")
        }
        var number = defaultPort
        if let port, !port.isEmpty {
            guard let parsed = Int(port), (1...65_535).contains(parsed) else {
                throw Self.wrong("The port must be a number between 1 and 65535.")
            }
            number = parsed
        }
        return .tcp(host: host.isEmpty ? "127.0.0.1" : try Self.decoded(host, part: "host"), port: number)
    }

    static func wrong(_ hint: String) -> RedisError { RedisError(.usage, hint: hint) }
}

extension RedisConfiguration {
    /// What may follow the `?`.
    struct Options {
        var database: Int?
        var primaryName: String?
        var sentinelUser: String?
        var sentinelPassword: String?
        var clientName: String?
        var user: String?
        var password: String?
        var protocolVersion: RedisProtocolVersion?
        var tls: RedisTLSSettings?

        init(query: Substring?) throws {
            for pair in (query ?? "").split(separator: "&") {
                let (name, value) = pair.splitOnce("=")
                let decoded = try RedisConfiguration.decoded(value ?? "", part: "query")
                switch name {
                case "db": try self.setDatabase(decoded[...])
                case "client_name": self.clientName = decoded
                case "username": self.user = decoded
                case "password": self.password = decoded
                case "protocol": try self.setProtocol(decoded)
                case "ssl_ca_certs": self.setTLS { $0.authorities = decoded }
                case "ssl_ca_path": self.setTLS { $0.authoritiesFolder = decoded }
                case "ssl_certfile": self.setTLS { $0.certificate = decoded }
                case "ssl_keyfile": self.setTLS { $0.key = decoded }
                case "ssl_cert_reqs": self.setTLS { $0.verifiesServer = decoded != "none" }
                case "master": self.primaryName = decoded
                case "sentinel_username": self.sentinelUser = decoded
                case "sentinel_password": self.sentinelPassword = decoded
                default: throw wrong(Self.known)
                }
            }
        }

        private static let known =
            "After ? only db, client_name, username, password, protocol, ssl_ca_certs, ssl_ca_path, ssl_certfile, ssl_keyfile,"
            + " ssl_cert_reqs and, for Sentinels, master, sentinel_username and sentinel_password are known."

        private mutating func setTLS(_ change: (inout RedisTLSSettings) -> Void) {
            var settings = self.tls ?? RedisTLSSettings()
            change(&settings)
            self.tls = settings
        }

        private mutating func setProtocol(_ text: String) throws {
            switch text {
            case "2": self.protocolVersion = .resp2
            case "3": self.protocolVersion = .newest
            default: throw wrong("The protocol must be 2 or 3.")
            }
        }

        mutating func setDatabase(_ text: Substring) throws {
            guard let number = Int(text), number >= 0 else {
                throw wrong("The database must be a number: redis://host:6379/0.")
            }
            self.database = number
        }
    }

    static func decoded(_ text: Substring, part: String) throws -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 16), code != 0
            else {
                throw Self.wrong(
                    "In the \(part), a % must be followed by two hexadecimal digits (write %25 for % itself)."
                )
            }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw Self.wrong("The \(part) is not UTF-8 after percent-decoding.")
        }
        return decoded
    }
}

extension StringProtocol where SubSequence == Substring {
    /// The text before the first separator, and what follows it; `nil` where there is none.
    func splitOnce(_ separator: Character) -> (Substring, Substring?) {
        guard let index = self.firstIndex(of: separator) else { return (self[...], nil) }
        return (self[..<index], self[self.index(after: index)...])
    }
}
