// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Logging
import MillwrightCommands

/// Writes what a command's server logs to the command's stderr, a line each: `Health changed (health.status=warn …)`.
struct StreamLog: LogHandler {
    let stream: TextOutput
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(_ stream: TextOutput) { self.stream = stream }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let metadata = self.metadata.merging(event.metadata ?? [:]) { $1 }
        let facts = metadata.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        self.stream.writeLine(facts.isEmpty ? "\(event.message)" : "\(event.message) (\(facts))")
        self.stream.flush()
    }
}
