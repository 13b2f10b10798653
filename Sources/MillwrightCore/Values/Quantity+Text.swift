// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension Quantity {
    /// The figure for people: `1.2 GB`, `3.4 ms`, `12.5 %`, `12,345`; `–` where it is missing.
    public var text: String {
        switch self {
        case .text(let words): words
        case .count(let count): PlainNumber.grouped(String(count))
        case .number(let number): Self.number(number)
        case .bytes(let bytes): Units.text(bytes: bytes)
        case .seconds(let seconds): Units.text(seconds: seconds)
        case .share(let share): Units.text(share: share)
        case .perSecond(let rate): rate.isFinite ? Self.number(rate) + "/s" : "–"
        case .time(let time): Timestamp.text(time)
        case .flag(let flag): flag ? "yes" : "no"
        case .missing: "–"
        }
    }

    /// The figure for programs: a plain number in the unit's base (`unit` names it), RFC 3339 for a time.
    public var json: JSONValue {
        switch self {
        case .text(let words): .string(words)
        case .count(let count), .bytes(let count): .int(count)
        case .number(let number), .seconds(let number), .share(let number), .perSecond(let number): .double(number)
        case .time(let time): time.isFinite ? .string(Timestamp.rfc3339(time)) : .null
        case .flag(let flag): .bool(flag)
        case .missing: .null
        }
    }

    /// The unit's permanent name in JSON: `bytes`, `seconds`, `per_second` and so on.
    public var unit: String {
        switch self {
        case .text: "text"
        case .count: "count"
        case .number: "number"
        case .bytes: "bytes"
        case .seconds: "seconds"
        case .share: "share"
        case .perSecond: "per_second"
        case .time: "time"
        case .flag: "flag"
        case .missing: "missing"
        }
    }

    /// The figure as a number, for sorting and for the length of a bar; `nil` for words, flags and what is missing.
    public var magnitude: Double? {
        switch self {
        case .count(let count), .bytes(let count): Double(count)
        case .number(let number), .seconds(let number), .share(let number), .perSecond(let number): number
        case .time(let time): time
        case .text, .flag, .missing: nil
        }
    }

    /// Three digits that matter: `0.00123`, `1.23`, `12.3`, `1,235`.
    private static func number(_ value: Double) -> String {
        switch abs(value) {
        case 0: "0"
        case ..<0.001: value.isFinite ? PlainNumber.rounded(value, places: 6) : "–"
        case ..<1: PlainNumber.rounded(value, places: 3)
        case ..<10: PlainNumber.rounded(value, places: 2)
        case ..<100: PlainNumber.rounded(value, places: 1)
        default: PlainNumber.rounded(value, places: 0)
        }
    }
}
