// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Something that was looked for: either its value, or why it could not be seen and what would let it.
public enum Seen<Value: Sendable>: Sendable {
    /// It was seen.
    case value(Value)
    /// It could not be seen: why, and the command that would cure it.
    case unknown(reason: String, cure: String?)

    /// The value where there is one.
    public var value: Value? {
        if case .value(let value) = self { value } else { nil }
    }
}

extension Seen: Equatable where Value: Equatable {}
