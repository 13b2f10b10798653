// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import Hummingbird
public import HummingbirdCore
import NIOCore

/// What a server puts up with: a client that sends its request byte by byte, or never stops sending headers, costs a
/// connection for seconds and not for ever.
public struct ServerLimits: Sendable, Hashable {
    /// How long the head of a request may take to arrive, from the connection's first moment or the request's first byte.
    public var headerTimeout: Duration
    /// How long a connection may say nothing between requests, or in the middle of a body; longer than a balancer keeps
    /// its connections, or both close at once.
    public var idleTimeout: Duration
    /// How large the head of a request may be, in bytes; a larger one is answered with 400.
    public var maximumHeaderBytes: Int
    /// How many connections may be open at once; more wait in the listening socket's queue.
    public var maximumConnections: Int

    /// Creates limits.
    public init(
        headerTimeout: Duration = .seconds(10),
        idleTimeout: Duration = .seconds(75),
        maximumHeaderBytes: Int = 16_384,
        maximumConnections: Int = 512
    ) {
        self.headerTimeout = headerTimeout
        self.idleTimeout = idleTimeout
        self.maximumHeaderBytes = maximumHeaderBytes
        self.maximumConnections = maximumConnections
    }
}

extension HTTPServerBuilder {
    /// HTTP/1 with limits on time and size: `Application(router: router, server: .guarded())`.
    public static func guarded(by limits: ServerLimits = ServerLimits()) -> HTTPServerBuilder {
        var decoder = HTTP1Channel.Configuration.DecoderConfiguration()
        decoder.maxHeaderFieldSize = limits.maximumHeaderBytes
        decoder.maxHeaderListSize = limits.maximumHeaderBytes
        decoder.maxHeaderFieldCount = 128
        return .http1(
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [RequestDeadline(TimeAmount(limits.headerTimeout))],
                idleTimeout: TimeAmount(limits.idleTimeout),
                httpDecoderConfiguration: decoder
            )
        )
    }
}

extension ApplicationConfiguration {
    /// Listens at an address, and accepts no more connections at once than the limits allow.
    public init(address: BindAddress, limits: ServerLimits) {
        self.init(
            address: address,
            availableConnectionsDelegate: MaximumAvailableConnections(limits.maximumConnections)
        )
    }
}
