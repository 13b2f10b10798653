// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// How a connection is encrypted.
///
/// ```swift
/// var configuration = RedisConfiguration(endpoint: .tcp(host: "cache.example", port: 6_380))
/// configuration.tls = RedisTLSSettings(authorities: "/etc/erp/ca.pem")
/// ```
/// It takes a build with the package trait `RedisTLS`, which needs a hiredis of 1.0 or newer with TLS; any other build refuses to
/// connect with ``RedisError/Code/usage``. The server's certificate must come from an authority and name the host, or the
/// address where that is what it is connected to by.
public struct RedisTLSSettings: Sendable, Hashable {
    /// The file of the authorities to trust; `nil` means those of `authoritiesFolder`.
    public var authorities: String?
    /// The folder of the authorities to trust, as `openssl rehash` makes it; `nil` means the system's.
    public var authoritiesFolder: String?
    /// The file of our own certificate, where the server wants one.
    public var certificate: String?
    /// The file of its key.
    public var key: String?
    /// The name that the server is asked for and that its certificate must be for; `nil` means the host's.
    public var serverName: String?
    /// Whether the server's certificate must come from an authority and name the server.
    public var verifiesServer: Bool

    /// Creates settings; without arguments the system's authorities are trusted.
    public init(
        authorities: String? = nil,
        authoritiesFolder: String? = nil,
        certificate: String? = nil,
        key: String? = nil,
        serverName: String? = nil,
        verifiesServer: Bool = true
    ) {
        self.authorities = authorities
        self.authoritiesFolder = authoritiesFolder
        self.certificate = certificate
        self.key = key
        self.serverName = serverName
        self.verifiesServer = verifiesServer
    }

    /// Whether this build can encrypt.
    #if RedisTLS
    static let isAvailable = true
    #else
    static let isAvailable = false
    #endif

    /// What to do where it cannot.
    static let missing = RedisError(
        .usage,
        hint:
            "TLS to Redis needs a hiredis with TLS (1.0 or newer: Debian 13 and Ubuntu 24.04 have it in libhiredis-dev),"
            + " libssl-dev, and a build with the package trait RedisTLS (swift build --traits RedisTLS). Otherwise install a TLS tunnel next to"
            + " the application (apt-get install stunnel4) and name its local end with redis:// or unix://."
    )
}
