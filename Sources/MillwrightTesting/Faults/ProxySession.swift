// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO

/// Something for each way that bytes go.
struct BothWays<Value> {
    var requests: Value
    var replies: Value

    subscript(direction: FaultProxy.Direction) -> Value {
        get { direction == .requests ? self.requests : self.replies }
        set { if direction == .requests { self.requests = newValue } else { self.replies = newValue } }
    }
}

/// One connection through a proxy: two sockets, and a conduit each way.
final class ProxySession {
    /// A socket, watched for what is wanted of it and for nothing else.
    struct Source {
        let descriptor: Int32
        /// Whether it takes no more of the opposite direction's bytes for now.
        var isFull = false
        var watched: EventLoop.Readiness = []
    }

    /// Where each direction's bytes come from: the client's requests, the server's replies.
    var sources: BothWays<Source>
    var conduits: BothWays<Conduit>

    init(client: Int32, server: Int32, faults: BothWays<Conduit.Fault>) {
        self.sources = BothWays(requests: Source(descriptor: client), replies: Source(descriptor: server))
        self.conduits = BothWays(requests: Conduit(faults.requests), replies: Conduit(faults.replies))
    }

    /// What its socket is to be watched for.
    func wish(_ direction: FaultProxy.Direction) -> EventLoop.Readiness {
        var wish: EventLoop.Readiness = self.conduits[direction].takesMore ? .read : []
        if self.sources[direction].isFull { wish.insert(.write) }
        return wish
    }

    /// Takes what has come from one side.
    func read(_ direction: FaultProxy.Direction, at now: Conduit.Instant) {
        var bytes: ArraySlice<UInt8> = []
        switch ProxySocket.read(self.sources[direction].descriptor, into: &bytes) {
        case .bytes: self.conduits[direction].add(bytes, at: now)
        case .notNow: break
        case .end: self.conduits[direction].end(.end)
        case .failed: self.conduits[direction].end(.reset)
        }
    }

    /// Passes on what may pass, and returns why no more does.
    func pass(_ direction: FaultProxy.Direction, at now: Conduit.Instant) -> Conduit.Step {
        let receiver = self.sources[direction.opposite].descriptor
        while !self.sources[direction.opposite].isFull {
            let step = self.conduits[direction].step(at: now)
            switch step {
            case .pass(let bytes): self.write(bytes, direction, at: now)
            case .finish:
                ProxySocket.finish(receiver)
                self.conduits[direction].finish()
            case .wait, .cut, .done: return step
            }
        }
        return .wait(until: nil)
    }

    private func write(_ bytes: ArraySlice<UInt8>, _ direction: FaultProxy.Direction, at now: Conduit.Instant) {
        switch ProxySocket.write(self.sources[direction.opposite].descriptor, bytes) {
        case .bytes(let count): self.conduits[direction].passed(count, at: now)
        case .notNow: self.sources[direction.opposite].isFull = true
        // The receiver is gone; what it said last is still on its way the other way.
        case .end, .failed: self.conduits[direction].finish()
        }
    }
}
