// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A figure with its unit, kept exact until a renderer writes it.
///
/// JSON carries the plain number and the unit's name; text rounds it for people.
public enum Quantity: Sendable, Hashable {
    /// Words: a name, a state, an SQL text.
    case text(String)
    /// A plain count.
    case count(Int)
    /// A number without a unit.
    case number(Double)
    /// A size in bytes.
    case bytes(Int)
    /// A span of time in seconds.
    case seconds(Double)
    /// A share between 0 and 1, written as a percentage.
    case share(Double)
    /// So many per second.
    case perSecond(Double)
    /// A point in time, in seconds since 1970-01-01 00:00 UTC.
    case time(Double)
    /// Yes or no.
    case flag(Bool)
    /// Not known, or not applicable.
    case missing
}

extension Quantity: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    /// Creates words.
    public init(stringLiteral value: String) { self = .text(value) }
    /// Creates a count.
    public init(integerLiteral value: Int) { self = .count(value) }
    /// Creates a yes or no.
    public init(booleanLiteral value: Bool) { self = .flag(value) }
}
