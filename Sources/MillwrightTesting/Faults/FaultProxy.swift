// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO

/// A proxy in front of a real server, which does to connections what networks do to them.
///
/// Clients connect to its ``address`` instead of the server's. Without a fault it passes on every byte at once; a fault lasts
/// until ``resume()``, and several can last together. ``refuse()`` and ``hang()`` befall connections to come, the others those
/// that there are, too.
///
/// ```swift
/// let proxy = try await FaultProxy.start(to: .socket("/run/redis/redis.sock"))
/// await proxy.hold(.replies)                          // the server works, and nobody hears of it
/// await proxy.cut(.end, after: 3, of: .replies)       // each connection ends in the middle of its next reply
/// try await proxy.refuse()                            // nobody listens
/// try await proxy.resume()
/// await proxy.close()
/// ```
///
/// One event loop of the process carries all proxies, apart from the one that drivers use; a proxy lives until ``close()``.
/// None of its functions waits for the network, and cancelling the task changes nothing.
///
/// ## Topics
/// - Living: ``start(to:listening:)``, ``close()``, ``address``
/// - Faults: ``refuse()``, ``hang()``, ``hold(_:)``, ``slowDown(_:bytesPerSecond:latency:)``, ``cut(_:)``,
///   ``cut(_:after:of:)``, ``inject(_:into:)``, ``resume()``
/// - Looking: ``openConnections``, ``acceptedConnections``, ``passedBytes(_:)``, ``waitingBytes(_:)``
public actor FaultProxy {
    /// Where a server or the proxy listens, on this machine.
    public enum Address: Sendable, Hashable {
        /// A port of 127.0.0.1; to listen at, 0 chooses a free one.
        case port(Int)
        /// The path of a Unix socket.
        case socket(String)
    }

    /// Which way bytes go.
    public enum Direction: Sendable, Hashable, CaseIterable {
        /// From the client to the server.
        case requests
        /// From the server to the client.
        case replies

        var opposite: Self { self == .requests ? .replies : .requests }
    }

    /// How a connection ends.
    public enum Cut: Sendable, Hashable {
        /// In order, as when the other program closes it (FIN).
        case end
        /// With an error, as when the other machine has forgotten it (RST); a Unix socket knows an end alone.
        case reset
    }

    /// Where clients connect.
    public nonisolated let address: Address
    let server: Address
    var listener: Int32
    var lastSession = 0
    /// The sessions with bytes that wait for an instant.
    var timed: Set<Int> = []
    var sessions: [Int: ProxySession] = [:]
    var faults = BothWays(requests: Conduit.Fault(), replies: Conduit.Fault())
    /// What connections that have ended had passed on.
    var passedBefore = BothWays(requests: 0, replies: 0)
    /// How many connections it has accepted.
    public internal(set) var acceptedConnections = 0

    static let loop = EventLoop()
    /// The event loop of all proxies.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { Self.loop.asUnownedSerialExecutor() }

    private init(to server: Address, at address: Address, listener: Int32) {
        self.server = server
        self.address = address
        self.listener = listener
    }

    /// Starts a proxy.
    ///
    /// - Parameters:
    ///   - server: where connections are passed on to; it need not listen yet.
    ///   - address: where the proxy listens.
    /// - Throws: ``FaultProxyError`` where the address is taken or may not be listened at.
    public static func start(to server: Address, listening address: Address = .port(0)) async throws -> FaultProxy {
        let listener = try ProxySocket.listen(at: address.endpoint)
        let chosen = address == .port(0) ? .port(ProxySocket.port(of: listener)) : address
        let proxy = FaultProxy(to: server, at: chosen, listener: listener)
        await proxy.watchListener()
        return proxy
    }

    /// Ends every connection and listens no more.
    public func close() {
        self.stopListening()
        self.cut(.end)
    }

    // MARK: Faults

    /// Refuses connections from now on, as where nobody listens; those that there are go on.
    public func refuse() { self.stopListening() }

    /// Accepts connections from now on and lets nothing of them through, either way; those that there are go on.
    public func hang() { self.faults = BothWays(requests: .hold, replies: .hold) }

    /// Keeps the bytes of one direction back until ``resume()``; nothing is lost.
    ///
    /// Held requests are a server that does not read: the client's socket fills. Held replies come late.
    public func hold(_ direction: Direction) { self.change(direction) { $0.isHeld = true } }

    /// Lets bytes through slowly.
    ///
    /// - Parameters:
    ///   - direction: which bytes.
    ///   - bytesPerSecond: the most of each connection; `nil` sets no limit.
    ///   - latency: how much later each byte arrives, to within five milliseconds.
    public func slowDown(_ direction: Direction, bytesPerSecond: Int? = nil, latency: Duration = .zero) {
        self.change(direction) {
            $0.bytesPerSecond = bytesPerSecond
            $0.latency = latency
        }
    }

    /// Ends every connection at once; new ones are accepted.
    public func cut(_ cut: Cut = .reset) {
        for session in self.sessions.keys { self.end(session, cut) }
    }

    /// Ends each connection when so many more of its bytes have passed.
    public func cut(_ cut: Cut = .reset, after bytes: Int, of direction: Direction) {
        self.change(direction) {
            $0.bytesUntilCut = bytes
            $0.cut = cut
        }
    }

    /// Puts bytes of one's own into every connection, at once and before all that waits, also while it is held.
    public func inject(_ bytes: [UInt8], into direction: Direction = .replies) {
        for (id, session) in self.sessions {
            session.conduits[direction].inject(bytes)
            self.pump(id)
        }
    }

    /// Ends all faults: what was held goes on.
    ///
    /// - Throws: ``FaultProxyError`` where the address has been taken by somebody else meanwhile.
    public func resume() throws {
        for direction in Direction.allCases { self.change(direction) { $0 = Conduit.Fault() } }
        guard self.listener < 0 else { return }
        self.listener = try ProxySocket.listen(at: self.address.endpoint)
        self.watchListener()
    }

    // MARK: Looking

    /// How many connections go through it.
    public var openConnections: Int { self.sessions.count }

    /// How many bytes of all connections, ended ones too, have passed.
    public func passedBytes(_ direction: Direction) -> Int {
        self.sessions.values.reduce(self.passedBefore[direction]) { $0 + $1.conduits[direction].passedBytes }
    }

    /// How many bytes have come and not passed yet.
    public func waitingBytes(_ direction: Direction) -> Int {
        self.sessions.values.reduce(0) { $0 + $1.conduits[direction].waitingBytes }
    }

    private func change(_ direction: Direction, _ change: (inout Conduit.Fault) -> Void) {
        change(&self.faults[direction])
        for (id, session) in self.sessions {
            change(&session.conduits[direction].fault)
            self.pump(id)
        }
    }
}

/// An error of a proxy's own socket.
public struct FaultProxyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The system's reason.
    public let reason: String

    /// One sentence.
    public var description: String { "The proxy cannot listen or connect: \(self.reason)." }
}
