// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One threshold of a check: its name in the settings, what it means, and how to read and set it as text.
public struct Threshold<Root: Sendable>: Sendable {
    /// The key in the settings, camelCase: `minimumWindow`.
    public var name: String
    /// One sentence for people.
    public var meaning: String
    /// What a value looks like: `a duration such as 7d`.
    public var expects: String
    /// The value as text, as the settings would have it.
    public var text: @Sendable (Root) -> String
    /// Sets the value from text; false where the text is no such value.
    var assign: @Sendable (inout Root, String) -> Bool
}

extension Threshold {
    /// A number of things.
    public static func count(
        _ name: String,
        _ path: any WritableKeyPath<Root, Int> & Sendable,
        _ meaning: String
    ) -> Self {
        Self(name: name, meaning: meaning, expects: "a whole number such as 50", text: { "\($0[keyPath: path])" }) {
            guard let value = Int($1), value >= 0 else { return false }
            $0[keyPath: path] = value
            return true
        }
    }

    /// A span of time.
    public static func duration(
        _ name: String,
        _ path: any WritableKeyPath<Root, Duration> & Sendable,
        _ meaning: String
    ) -> Self {
        Self(
            name: name,
            meaning: meaning,
            expects: "a duration such as 20s, 5m or 7d",
            text: { Self.text(of: $0[keyPath: path]) }
        ) {
            guard let value = Units.duration($1) else { return false }
            $0[keyPath: path] = value
            return true
        }
    }

    /// A size in bytes.
    public static func bytes(
        _ name: String,
        _ path: any WritableKeyPath<Root, Int> & Sendable,
        _ meaning: String
    ) -> Self {
        Self(
            name: name,
            meaning: meaning,
            expects: "a size such as 500kB or 1MB",
            text: { "\($0[keyPath: path])" }
        ) {
            guard let value = Units.bytes($1) else { return false }
            $0[keyPath: path] = value
            return true
        }
    }

    /// A share between 0 and 1.
    public static func share(
        _ name: String,
        _ path: any WritableKeyPath<Root, Double> & Sendable,
        _ meaning: String
    ) -> Self {
        Self(
            name: name,
            meaning: meaning,
            expects: "a share such as 0.2 or 20%",
            text: { "\($0[keyPath: path])" }
        ) {
            let isPercent = $1.hasSuffix("%")
            guard let number = Double(isPercent ? String($1.dropLast()) : $1) else { return false }
            let value = isPercent ? number / 100 : number
            guard (0...1).contains(value) else { return false }
            $0[keyPath: path] = value
            return true
        }
    }

    /// A factor, at least 0.
    public static func factor(
        _ name: String,
        _ path: any WritableKeyPath<Root, Double> & Sendable,
        _ meaning: String
    ) -> Self {
        Self(name: name, meaning: meaning, expects: "a number such as 2.5", text: { "\($0[keyPath: path])" }) {
            guard let value = Double($1), value.isFinite, value >= 0 else { return false }
            $0[keyPath: path] = value
            return true
        }
    }

    /// Writes a duration in the largest unit that keeps it whole.
    private static func text(of duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        if attoseconds != 0 { return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)ms" }
        for (unit, size) in [("d", Int64(86400)), ("h", 3600), ("m", 60)] where seconds > 0 && seconds % size == 0 {
            return "\(seconds / size)\(unit)"
        }
        return "\(seconds)s"
    }
}

/// Something whose thresholds are set by name, from settings.
public protocol Configurable: Sendable {
    /// The thresholds, in the order of its documentation.
    static var thresholds: [Threshold<Self>] { get }
}

extension Configurable {
    /// Sets one threshold from text.
    ///
    /// - Parameter check: what errors call the thing.
    public mutating func set(_ name: String, to text: String, of check: String) throws(ThresholdError) {
        guard let threshold = Self.thresholds.first(where: { $0.name == name }) else {
            throw ThresholdError(check: check, threshold: name, known: Self.thresholds.map(\.name))
        }
        guard threshold.assign(&self, text) else {
            throw ThresholdError(check: check, threshold: name, value: text, expects: threshold.expects)
        }
    }
}

extension Configurable where Self: Check {
    /// Sets one threshold from text.
    public mutating func set(_ name: String, to text: String) throws(ThresholdError) {
        try self.set(name, to: text, of: Self.name)
    }

    /// The same, with thresholds set by name: `["minimumWindow": "20s"]`.
    public func configured(by values: [String: String]) throws(ThresholdError) -> Self {
        var check = self
        for (name, value) in values.sorted(by: { $0.key < $1.key }) { try check.set(name, to: value) }
        return check
    }
}

/// A name of a check or threshold that does not exist, or a value that cannot be one.
public struct ThresholdError: Error, Hashable, CustomStringConvertible {
    /// One or two sentences; safe to show.
    public var description: String

    init(check: String, threshold: String, known: [String]) {
        self.description = "The check \(check) has no threshold \(threshold)."
        if let guess = nearest(threshold, in: known) {
            self.description += " Did you mean \(guess)?"
        } else if !known.isEmpty {
            self.description += " It has \(known.joined(separator: ", "))."
        }
    }

    /// The text is no value for the threshold.
    public init(check: String, threshold: String, value: String, expects: String) {
        self.description = "\(value) is no value for \(threshold) of the check \(check): it takes \(expects)."
    }

    /// There is no check of that name.
    public init(check: String, known: [String]) {
        self.description = "There is no check \(check)."
        if let guess = nearest(check, in: known) { self.description += " Did you mean \(guess)?" }
    }
}
