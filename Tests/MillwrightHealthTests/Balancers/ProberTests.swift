// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightHealth
import Testing

@Suite("Probers")
struct ProberTests {
    @Test(
        "What is left out is the product's default, and the drain follows from the rest",
        arguments: [
            ("k8s", .seconds(31), .seconds(8)),
            ("alb", .seconds(65), .seconds(65)),
            ("alb interval 10s timeout 2s", .seconds(22), .seconds(22)),
            ("haproxy", .seconds(8), .seconds(8)),
            ("haproxy inter 2s fall 3", .seconds(8), .seconds(8)),
            ("haproxy inter 1s fall 4 rise 1 timeout 500ms", .milliseconds(4500), .milliseconds(4500)),
            ("haproxy timeout 300ms inter 200ms", .milliseconds(900), .milliseconds(900)),
            ("nginx max_fails=2 fail_timeout=5s", nil, .seconds(1)),
        ] as [(String, Duration?, Duration)]
    )
    func defaults(text: String, detection: Duration?, drain: Duration) throws {
        let prober = try Prober(text)

        #expect(prober.detectionTime == detection)
        #expect(prober.drain == drain)
    }

    @Test("A bare number is milliseconds to HAProxy and seconds to all others")
    func bareNumbers() throws {
        #expect(try Prober("haproxy inter 2000").interval == .seconds(2))
        #expect(try Prober("nginx fail_timeout=30").interval == .seconds(30))
        #expect(try Prober("k8s periodSeconds=5 timeoutSeconds=2").detectionTime == .seconds(17))
    }

    @Test(
        "A description is a declaration of the same prober",
        arguments: ["k8s", "alb healthy 2", "haproxy inter 200ms fall 3 rise 2", "nginx max_fails=3 fail_timeout=1m"]
    )
    func description(text: String) throws {
        let prober = try Prober(text)

        #expect(try Prober("\(prober)") == prober)
    }

    @Test(
        "What is wrong is named, with what to write instead",
        arguments: [
            ("", "names no prober", "Begin with one of k8s, alb, haproxy, nginx."),
            ("haprox", "names no prober", "Did you mean `haproxy`?"),
            ("haproxy intr 2s", "`intr`, which haproxy does not have", "Did you mean `inter`?"),
            ("haproxy inter", "ends after `inter`", "Write its value after it."),
            ("haproxy fall 0", "`0` is no number above zero", "Write it as in `haproxy inter"),
            ("alb interval soon", "`soon` is no span of time", "Write it as in `alb interval 30"),
            ("alb interval 1s interval 2s", "has `interval` twice", "Keep one of them."),
        ]
    )
    func faults(text: String, message: String, advice: String) {
        let fault = #expect(throws: ProberFault.self) { try Prober(text) }

        #expect(fault?.message.contains(message) == true, "\(String(describing: fault))")
        #expect(fault?.advice.hasPrefix(advice) == true, "\(String(describing: fault))")
    }
}
