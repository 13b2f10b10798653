// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightCore

/// How text is laid out for one stream.
struct Terminal: Sendable {
    /// Whether to colour.
    var color: Bool
    /// How many columns there are.
    var width: Int

    /// Decides by flags, environment and stream: `--color` wins, then `NO_COLOR`, then whether a person reads.
    init(globals: GlobalOptions, environment: [String: String], stream: TextOutput) {
        let isPlain = environment["NO_COLOR"].map { !$0.isEmpty } ?? false || environment["TERM"] == "dumb"
        self.color = globals.color ?? (stream.isTerminal && !isPlain)
        self.width = Self.width(environment, stream)
    }

    private static func width(_ environment: [String: String], _ stream: TextOutput) -> Int {
        if let columns = environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 { return max(40, columns) }
        var size = winsize()
        guard stream.isTerminal, ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
        return max(40, Int(size.ws_col))
    }
}
