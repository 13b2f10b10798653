// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
public import MillwrightIO
import MillwrightSandbox

extension FaultProxy: Swept {
    func watchListener() {
        Self.loop.watch(self.listener, for: .read) { _ in self.assumeIsolated { $0.acceptAll() } }
    }

    func stopListening() {
        guard self.listener >= 0 else { return }
        Self.loop.unwatch(self.listener)
        ProxySocket.close(self.listener, .end)
        self.listener = -1
        if case .socket(let path) = self.address { unlink(path) }
    }

    private func acceptAll() {
        while let client = ProxySocket.accept(self.listener) {
            self.acceptedConnections += 1
            guard let server = try? ProxySocket.connect(to: self.server.endpoint) else {
                ProxySocket.close(client, .reset)
                continue
            }
            self.lastSession += 1
            self.sessions[self.lastSession] = ProxySession(client: client, server: server, faults: self.faults)
            self.pump(self.lastSession)
        }
    }

    private func isReady(_ id: Int, _ direction: Direction, _ readiness: EventLoop.Readiness) {
        guard let session = self.sessions[id] else { return }
        if readiness.contains(.write) { session.sources[direction].isFull = false }
        if !readiness.isDisjoint(with: [.read, .broken]), session.conduits[direction].takesMore {
            session.read(direction, at: .now)
        }
        self.pump(id)
    }

    /// Passes on what may pass, then watches for what would let more pass.
    func pump(_ id: Int) {
        guard let session = self.sessions[id] else { return }
        let steps = Direction.allCases.map { session.pass($0, at: .now) }
        for case .cut(let cut) in steps { return self.end(id, cut) }
        if steps.allSatisfy({ $0 == .done }) { return self.end(id, .end) }
        for case .wait(until: .some) in steps {
            self.timed.insert(id)
            Self.loop.sweep(self)
        }
        for direction in Direction.allCases { self.watch(id, session, direction) }
    }

    private func watch(_ id: Int, _ session: ProxySession, _ direction: Direction) {
        let (source, wish) = (session.sources[direction], session.wish(direction))
        guard wish != source.watched else { return }
        session.sources[direction].watched = wish
        // A socket that nothing is wanted of is let go: one whose other end is gone would wake the loop for ever.
        guard !wish.isEmpty else { return Self.loop.unwatch(source.descriptor) }
        Self.loop.watch(source.descriptor, for: wish) { readiness in
            self.assumeIsolated { $0.isReady(id, direction, readiness) }
        }
    }

    func end(_ id: Int, _ cut: Cut) {
        guard let session = self.sessions.removeValue(forKey: id) else { return }
        self.timed.remove(id)
        for direction in Direction.allCases {
            self.passedBefore[direction] += session.conduits[direction].passedBytes
            Self.loop.unwatch(session.sources[direction].descriptor)
        }
        ProxySocket.close(session.sources.requests.descriptor, cut)
        ProxySocket.close(session.sources.replies.descriptor, .end)
    }

    /// Passes on what had to wait for its time.
    public func swept(at now: Deadline) -> Bool {
        let due = self.timed
        self.timed = []
        for id in due { self.pump(id) }
        return self.timed.isEmpty
    }
}

extension FaultProxy.Address {
    var endpoint: Endpoint {
        switch self {
        case .port(let port): .port(port)
        case .socket(let path): .socket(path)
        }
    }
}
