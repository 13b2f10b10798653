// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// How long a value is kept.
public enum CacheTimeout: Sendable, Hashable {
    /// As long as the alias says.
    case standard
    /// Until somebody deletes it.
    case never
    /// For a span of time; zero or less means that the value is not kept at all.
    case after(Duration)

    /// What a writer does.
    enum Expiry: Sendable, Hashable {
        /// Store without an expiry.
        case persist
        /// Store for so many milliseconds, at least one.
        case milliseconds(Int)
        /// Do not store: a plain write deletes what is there.
        case delete
    }

    /// Decides what a writer does, given the alias's own timeout.
    ///
    /// A span below a millisecond becomes one: cutting it to zero would be an error to Redis and a delete to Django.
    func expiry(standard: Duration?) -> Expiry {
        switch self {
        case .never: return .persist
        case .standard: return standard.map { Self.after($0).expiry(standard: nil) } ?? .persist
        case .after(let span):
            guard span > .zero else { return .delete }
            let (seconds, attoseconds) = span.components
            let (whole, overflows) = seconds.multipliedReportingOverflow(by: 1000)
            return .milliseconds(
                overflows ? Int.max / 2 : max(1, Int(whole) + Int(attoseconds / 1_000_000_000_000_000))
            )
        }
    }
}
