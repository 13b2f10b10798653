// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightHealth

/// What a value of the settings must look like.
enum SettingsKind: Sendable, Hashable {
    case text
    case flag
    case list
    case duration
    case durationOrNone
    case count(ClosedRange<Int>)
    case word([String])
    case databaseURL
    case cacheURL
    case sentinels
    case secret
    case networks
    case prober

    /// What is wrong with a text and what to write instead, or `nil` where it is right.
    func fault(in text: String) -> SettingsFault? {
        switch self {
        case .text, .list, .secret: nil
        case .flag:
            SettingsText.flag(text) == nil
                ? SettingsFault("is not a yes or no", "Write `true` or `false`.") : nil
        case .duration: Self.durationFault(text)
        case .durationOrNone: text == "none" ? nil : Self.durationFault(text)
        case .count(let range): Self.countFault(text, range)
        case .word(let words): Self.wordFault(text, words)
        case .databaseURL: ServerURL.databaseFault(text)
        case .cacheURL: ServerURL.cacheFault(text)
        case .sentinels: ServerURL.sentinelsFault(text)
        case .networks: Self.networksFault(text)
        case .prober: Self.proberFault(text)
        }
    }

    /// Whether the text may hold a password.
    var isSecret: Bool { [.databaseURL, .cacheURL, .secret].contains(self) }

    /// Whether the file may hold it as a list.
    var isList: Bool { [.list, .networks, .sentinels].contains(self) }

    /// The text as it may be shown.
    func shown(_ text: String) -> String {
        switch self {
        case .databaseURL, .cacheURL: ServerURL.redacted(text)
        case .secret: "***"
        default: text
        }
    }

    private static func networksFault(_ text: String) -> SettingsFault? {
        guard let wrong = SettingsText.list(text).first(where: { TrustedNetwork($0) == nil }) else { return nil }
        return SettingsFault(
            "names `\(wrong)`, which is not a network",
            "Write an address or a network, such as `10.0.0.0/8`."
        )
    }

    private static func proberFault(_ text: String) -> SettingsFault? {
        do throws(ProberFault) {
            _ = try Prober(text)
            return nil
        } catch {
            return SettingsFault(error.message, error.advice)
        }
    }

    private static func durationFault(_ text: String) -> SettingsFault? {
        guard let duration = Units.duration(text) else {
            return SettingsFault(
                "is `\(text)`, which is not a span of time",
                "Write a number with a unit (`500ms`, `2s`, `5m`, `1h`, `7d`); a bare number is seconds."
            )
        }
        return duration > .zero ? nil : SettingsFault("is zero", "Write a span of time above zero, such as `2s`.")
    }

    private static func countFault(_ text: String, _ range: ClosedRange<Int>) -> SettingsFault? {
        guard let count = Int(text) else {
            return SettingsFault("is `\(text)`, which is not a whole number", "Write digits only, such as `20`.")
        }
        guard !range.contains(count) else { return nil }
        return SettingsFault(
            "is \(count), which is out of range",
            "Write a number between \(range.lowerBound) and \(range.upperBound)."
        )
    }

    private static func wordFault(_ text: String, _ words: [String]) -> SettingsFault? {
        guard !words.contains(text) else { return nil }
        let known = words.map { "`\($0)`" }.joined(separator: " or ")
        let guess = nearest(text, in: words).map { "Did you mean `\($0)`?" } ?? "Write \(known)."
        return SettingsFault("is `\(text)`, which is not one of \(known)", guess)
    }
}

/// What is wrong with one value and what to write instead.
struct SettingsFault: Sendable, Hashable {
    var message: String
    var advice: String

    init(_ message: String, _ advice: String) {
        self.message = message
        self.advice = advice
    }
}

/// Texts of the settings as values.
enum SettingsText {
    static func flag(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "yes", "on", "1": true
        case "false", "no", "off", "0": false
        default: nil
        }
    }

    static func list(_ text: String) -> [String] {
        text.split(separator: ",").map(Self.trimmed).filter { !$0.isEmpty }
    }

    static func trimmed(_ text: some StringProtocol) -> String {
        var rest = text[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
