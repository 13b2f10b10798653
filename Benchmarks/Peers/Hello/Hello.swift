// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Hummingbird
import Logging

/// The least that Hummingbird can answer, as its own documentation shows it: `hello-peer PORT`.
@main
struct Hello {
    static func main() async throws {
        let router = Router()
        router.get("hello") { _, _ in "Hello" }
        let app = Application(
            router: router,
            configuration: .init(
                address: .hostname("127.0.0.1", port: CommandLine.arguments.last.flatMap { Int($0) } ?? 0)
            ),
            logger: Logger(label: "hello") { _ in SwiftLogNoOpLogHandler() }
        )
        try await app.runService()
    }
}
