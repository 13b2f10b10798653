// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// How an answer is written.
enum HealthFormat: Sendable, Hashable {
    /// `application/json`: for everybody who asks for nothing else.
    case json
    /// The same document as `application/health+json`.
    case healthJSON
    /// Lines for people.
    case text
    /// Prometheus's text exposition.
    case prometheus

    /// What the answer says of itself.
    var contentType: String {
        switch self {
        case .json: "application/json"
        case .healthJSON: "application/health+json"
        case .text: "text/plain; charset=utf-8"
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        }
    }

    /// The best of what an Accept header allows; JSON where it allows none of ours, because a prober must never get a 406.
    init(accept: String?) {
        guard let accept, accept != "*/*" else {
            self = .json
            return
        }
        var best: (format: HealthFormat, weight: Double)?
        for range in accept.split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
            guard let type = parts.first, let format = Self.format(type, parts.dropFirst()) else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if weight > best?.weight ?? 0 { best = (format, weight) }
        }
        self = best?.format ?? .json
    }

    private static func format(_ type: String, _ parameters: ArraySlice<String>) -> HealthFormat? {
        switch type {
        case "application/health+json": .healthJSON
        case "application/json", "application/*", "*/*": .json
        case "application/openmetrics-text": .prometheus
        // Prometheus names the version of its format; a person's client does not.
        case "text/plain": parameters.contains { $0.hasPrefix("version=") } ? .prometheus : .text
        case "text/*": .text
        default: nil
        }
    }
}
