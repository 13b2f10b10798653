// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightTesting

@Suite("What a proxy passes on")
struct ConduitTests {
    private let start = ContinuousClock.now
    private let bytes = Array(0..<200 as Range<UInt8>)[...]

    private func conduit(_ change: (inout Conduit.Fault) -> Void = { _ in }) -> Conduit {
        var fault = Conduit.Fault()
        change(&fault)
        var conduit = Conduit(fault)
        conduit.add(self.bytes, at: self.start)
        return conduit
    }

    @Test("Without a fault all goes on at once, then the end")
    func noFault() {
        var conduit = self.conduit()
        conduit.end(.end)

        #expect(conduit.step(at: self.start) == .pass(self.bytes))
        conduit.passed(200, at: self.start)

        #expect(conduit.step(at: self.start) == .finish)
        #expect(conduit.passedBytes == 200)
    }

    @Test("What a receiver did not take comes first the next time")
    func partial() {
        var conduit = self.conduit()

        conduit.passed(150, at: self.start)

        #expect(conduit.step(at: self.start) == .pass(self.bytes[150...]))
        #expect(conduit.waitingBytes == 50)
    }

    @Test("What is held stays until the fault ends, and the sender's end with it")
    func held() {
        var conduit = self.conduit { $0.isHeld = true }
        conduit.end(.end)

        #expect(conduit.step(at: self.start + .seconds(60)) == .wait(until: nil))
        conduit.fault = Conduit.Fault()

        #expect(conduit.step(at: self.start) == .pass(self.bytes))
    }

    @Test("No more comes in than there is room for")
    func room() {
        var conduit = self.conduit { $0.isHeld = true }
        #expect(conduit.takesMore)

        conduit.add([UInt8](repeating: 0, count: 65_536)[...], at: self.start)

        #expect(!conduit.takesMore)
    }

    @Test("A cut comes after exactly so many bytes", arguments: [0, 1, 199, 200])
    func cut(bytes: Int) {
        var conduit = self.conduit {
            $0.bytesUntilCut = bytes
            $0.cut = .end
        }

        if bytes > 0 {
            #expect(conduit.step(at: self.start) == .pass(self.bytes.prefix(bytes)))
            conduit.passed(bytes, at: self.start)
        }

        #expect(conduit.step(at: self.start) == .cut(.end))
        #expect(conduit.passedBytes == bytes)
    }

    @Test("A latency delays each byte by as much, and no more")
    func latency() {
        let conduit = self.conduit { $0.latency = .milliseconds(30) }

        #expect(conduit.step(at: self.start) == .wait(until: self.start + .milliseconds(30)))
        #expect(conduit.step(at: self.start + .milliseconds(30)) == .pass(self.bytes))
    }

    @Test("A pace lets a hundredth of a second's bytes through, then waits as long")
    func pace() {
        var conduit = self.conduit { $0.bytesPerSecond = 1_000 }

        #expect(conduit.step(at: self.start) == .pass(self.bytes[..<10]))
        conduit.passed(10, at: self.start)

        #expect(conduit.step(at: self.start) == .wait(until: self.start + .milliseconds(10)))
        #expect(conduit.step(at: self.start + .milliseconds(10)) == .pass(self.bytes[10..<20]))
    }

    @Test("What is injected comes first, also where all else is held")
    func injected() {
        var conduit = self.conduit { $0.isHeld = true }

        conduit.inject([7, 7])

        #expect(conduit.step(at: self.start) == .pass([7, 7]))
        conduit.passed(2, at: self.start)
        #expect(conduit.step(at: self.start) == .wait(until: nil))
        #expect(conduit.waitingBytes == 200)
    }

    @Test("A sender that broke off breaks the connection off, after all that it sent")
    func reset() {
        var conduit = self.conduit()
        conduit.end(.reset)

        #expect(conduit.step(at: self.start) == .pass(self.bytes))
        conduit.passed(200, at: self.start)

        #expect(conduit.step(at: self.start) == .cut(.reset))
    }

    @Test("A receiver that takes no more ends its direction")
    func finished() {
        var conduit = self.conduit()

        conduit.finish()

        #expect(conduit.step(at: self.start) == .done)
        #expect(!conduit.takesMore)
    }
}
