// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import HummingbirdCore
public import MillwrightHealth
import NIOCore
import NIOPosix
public import ServiceLifecycle

/// Answers HAProxy's `agent-check`: a line to each connection, then it hangs up.
///
/// ```
/// server app1 10.0.0.11:8080 check agent-check agent-port 9707 agent-inter 2s
/// ```
/// With ``DrainMode/agent`` a node that drains keeps its clients: HAProxy sends it no new ones, and those it has may stay.
public struct HealthAgent: Service {
    /// The address was not to be had.
    public struct CannotListen: Error {
        /// Why, as the system's `errno`.
        public let errnoCode: Int32
    }

    private let engine: HealthEngine
    private let host: String
    private let port: Int

    /// Creates an agent; it listens while it runs.
    public init(_ engine: HealthEngine, host: String = "127.0.0.1", port: Int) {
        self.engine = engine
        self.host = host
        self.port = port
    }

    /// Reads where to listen: `127.0.0.1:9707`, `[::1]:9707`, `:9707` (all addresses); `nil` for anything else.
    public init?(_ engine: HealthEngine, listening text: String) {
        guard let (host, port) = BindAddress.hostAndPort(text) else { return nil }
        self.init(engine, host: host, port: port)
    }

    /// Listens until it is told to end.
    ///
    /// - Throws: ``CannotListen``.
    public func run() async throws {
        let channel: any Channel
        do { channel = try await self.listen() } catch let error as IOError {
            throw CannotListen(errnoCode: error.errnoCode)
        }
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await channel.closeFuture.get()
        } onCancelOrGracefulShutdown: {
            channel.close(promise: nil)
        }
    }

    private func listen() async throws -> any Channel {
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { [engine] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AgentAnswer(engine))
                }
            }
        return try await bootstrap.bind(host: self.host, port: self.port).get()
    }
}

/// Says its line, and waits a moment for the other side to hang up first: what it may have sent (`agent-send`) must not turn the
/// end into a reset, which could overtake the line.
private final class AgentAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let patience = TimeAmount.seconds(1)
    private let engine: HealthEngine

    init(_ engine: HealthEngine) { self.engine = engine }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: self.engine.agentLine)), promise: nil)
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
