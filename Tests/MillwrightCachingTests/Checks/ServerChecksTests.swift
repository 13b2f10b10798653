// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightCaching

@Suite("Checks on Redis servers")
struct ServerChecksTests {
    @Test("A server with a limit, room below it and no evictions is ok")
    func calm() {
        #expect(CacheMemory().verdict(on: observation()).findings.isEmpty)
        #expect(EvictionPolicies().verdict(on: observation()).findings.isEmpty)
    }

    @Test("No limit is a warning with commands to paste")
    func unlimited() throws {
        let seen = observation(server: ServerFacts.calm { $0.maximumBytes = 0 })

        let finding = try #require(CacheMemory().verdict(on: seen).findings.first)

        #expect(finding.id == "caches.W004" && finding.severity == .warning && finding.subject == "h:6379")
        #expect(finding.remedy?.commands.first == "CONFIG SET maxmemory 64mb")
    }

    @Test("A full server that does not evict is an error, one that does is a warning")
    func full() {
        let full = observation(
            server: ServerFacts.calm {
                $0.usedBytes = 95_000_000
                $0.evictionPolicy = "noeviction"
            }
        )
        let evicting = observation(server: ServerFacts.calm { $0.usedBytes = 95_000_000 })

        #expect(CacheMemory().verdict(on: full).findings.map(\.severity) == [.error])
        #expect(CacheMemory().verdict(on: evicting).findings.map(\.severity) == [.warning])
    }

    @Test("Evictions are reported even where there is room now")
    func evictions() {
        let seen = observation(server: ServerFacts.calm { $0.evictedKeys = 7 })

        let findings = CacheMemory().verdict(on: seen).findings

        #expect(findings.first?.evidence.contains(Evidence("evicted_keys", .count(7))) == true)
    }

    @Test("Sessions beside allkeys-lru are reported once there is a limit to evict below")
    func sessions() {
        let evicting = observation(server: ServerFacts.calm { $0.evictionPolicy = "allkeys-lru" })
        let unlimited = observation(
            server: ServerFacts.calm {
                $0.evictionPolicy = "allkeys-lru"
                $0.maximumBytes = 0
            }
        )

        #expect(EvictionPolicies().verdict(on: evicting).findings.map(\.subject) == ["sessions"])
        #expect(EvictionPolicies().verdict(on: unlimited).findings.isEmpty)
    }

    @Test("A server that may not be asked gives unknown, one that hides its limit too")
    func unseen() {
        let refused = observation(server: .unknown(reason: "INFO was refused.", cure: "ACL SETUSER app +info"))
        let hiding = observation(
            server: ServerFacts.calm {
                $0.maximumBytes = nil
                $0.evictionPolicy = nil
            }
        )

        let verdicts = [refused, hiding].flatMap {
            [CacheMemory().verdict(on: $0), EvictionPolicies().verdict(on: $0)]
        }
        for verdict in verdicts {
            guard case .unknown(_, let cure?) = verdict else {
                Issue.record("expected unknown with a cure, got \(verdict)")
                continue
            }
            #expect(cure.hasPrefix("ACL SETUSER"))
        }
    }
}
