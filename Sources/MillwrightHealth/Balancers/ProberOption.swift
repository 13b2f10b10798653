// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// One word of a prober's declaration, as the product itself spells it: `inter`, `max_fails`.
struct ProberOption: Sendable {
    let name: String
    private let value: Value

    private enum Value: Sendable {
        /// A span of time; a bare number counts in `bare`.
        case span(@Sendable (inout Prober, Duration) -> Void, @Sendable (Prober) -> Duration?, bare: Duration)
        case count(@Sendable (inout Prober, Int) -> Void, @Sendable (Prober) -> Int)
    }

    /// The words that a product knows.
    static func all(of kind: Prober.Kind) -> [ProberOption] {
        switch kind {
        case .kubernetes:
            [
                .interval("periodSeconds"), .timeout("timeoutSeconds"), .failures("failureThreshold"),
                .successes("successThreshold"),
            ]
        case .alb: [.interval("interval"), .timeout("timeout"), .failures("unhealthy"), .successes("healthy")]
        // HAProxy counts bare numbers in milliseconds.
        case .haproxy:
            [
                .interval("inter", bare: .milliseconds(1)), .timeout("timeout", bare: .milliseconds(1)),
                .failures("fall"), .successes("rise"),
            ]
        case .nginx: [.failures("max_fails"), .interval("fail_timeout")]
        }
    }

    private static func interval(_ name: String, bare: Duration = .seconds(1)) -> ProberOption {
        ProberOption(name: name, value: .span({ $0.interval = $1 }, { $0.interval }, bare: bare))
    }

    private static func timeout(_ name: String, bare: Duration = .seconds(1)) -> ProberOption {
        ProberOption(name: name, value: .span({ $0.timeout = $1 }, { $0.timeout }, bare: bare))
    }

    private static func failures(_ name: String) -> ProberOption {
        ProberOption(name: name, value: .count({ $0.failures = $1 }, { $0.failures }))
    }

    private static func successes(_ name: String) -> ProberOption {
        ProberOption(name: name, value: .count({ $0.successes = $1 }, { $0.successes }))
    }

    /// Takes a value over; returns what is wrong with it, or `nil`.
    func set(_ text: String, in prober: inout Prober) -> String? {
        switch self.value {
        case .span(let set, _, let bare):
            guard let span = Int(text).map({ bare * $0 }) ?? Units.duration(text), span > .zero else {
                return "`\(text)` is no span of time, such as `2s`"
            }
            set(&prober, span)
        case .count(let set, _):
            guard let count = Int(text), count > 0 else { return "`\(text)` is no number above zero" }
            set(&prober, count)
        }
        return nil
    }

    /// The value as it is written.
    func text(_ prober: Prober) -> String {
        switch self.value {
        case .span(_, let get, _): get(prober).map { Units.text($0).replacing(" ", with: "") } ?? "none"
        case .count(_, let get): String(get(prober))
        }
    }
}
