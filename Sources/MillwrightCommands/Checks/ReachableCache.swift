// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightRedis
import MillwrightToolkit

/// Finds a cache that does not answer.
///
/// - Needs: the right to connect and `PING`.
/// - Cost: one connection and one command.
/// - Blind spot: whether the cache takes writes.
/// - Silence: `caches.E001:<alias>`.
struct ReachableCache: SystemCheck {
    static let name = "reachable-cache"
    static let title = "Cache"
    static let ids = ["caches.E001"]
    static let tags: [CheckTag] = [.caches]

    func verdict(in context: SystemCheckContext) async -> Verdict {
        do {
            try await context.toolkit.cache(context.cache).ping()
            return .ok([Evidence("alias", .text(context.cache))])
        } catch {
            let trouble = CommandError.toolError(for: error, running: "check").scrubbed
            let finding = Finding(
                "caches.E001",
                .error,
                on: Redaction.scrubbed(context.cache),
                message: "The cache does not answer: \(trouble.stopped)",
                remedy: Remedy(trouble.next)
            )
            return .findings([finding])
        }
    }
}
