// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension Units {
    /// Returns a size in powers of 1024, named as PostgreSQL names them: `1.2 GB`.
    public static func text(bytes: Int) -> String {
        let names = ["bytes", "kB", "MB", "GB", "TB", "PB", "EB"]
        var value = Double(bytes)
        var power = 0
        // What would be rounded to 1024 is one of the next unit.
        while abs(value) >= 1023.5, power < names.count - 1 {
            value /= 1024
            power += 1
        }
        if power == 0 { return abs(bytes) == 1 ? "\(bytes) byte" : "\(bytes) bytes" }
        return PlainNumber.rounded(value, places: abs(value) < 99.95 ? 1 : 0) + " " + names[power]
    }

    /// Returns a span of time in the one or two units that matter: `350 µs`, `3.4 s`, `5 min 20 s`, `3 d 4 h`.
    public static func text(seconds: Double) -> String {
        guard seconds.isFinite else { return "–" }
        if seconds < 0 { return "-" + Self.text(seconds: -seconds) }
        switch seconds {
        case 0: return "0 s"
        case ..<0.000_01: return PlainNumber.rounded(seconds * 1e6, places: 2) + " µs"
        case ..<0.000_999_5: return PlainNumber.rounded(seconds * 1e6, places: 0) + " µs"
        case ..<0.009_995: return PlainNumber.rounded(seconds * 1e3, places: 2) + " ms"
        case ..<0.099_95: return PlainNumber.rounded(seconds * 1e3, places: 1) + " ms"
        case ..<0.999_5: return PlainNumber.rounded(seconds * 1e3, places: 0) + " ms"
        case ..<9.995: return PlainNumber.rounded(seconds, places: 2) + " s"
        case ..<59.95: return PlainNumber.rounded(seconds, places: 1) + " s"
        default: return Self.long(seconds)
        }
    }

    /// Returns a span of time in the one or two units that matter.
    public static func text(_ duration: Duration) -> String { Self.text(seconds: duration.seconds) }

    /// Returns a share as a percentage: `12.5 %`; only nothing is `0 %` and only all is `100 %`.
    public static func text(share: Double) -> String {
        guard share.isFinite else { return "–" }
        let percent = share * 100
        switch percent {
        case 0, 100: return PlainNumber.rounded(percent, places: 0) + " %"
        case 99.995..<100: return "> 99.99 %"
        case 0..<0.005: return "< 0.01 %"
        case 0..<1, 99..<100: return PlainNumber.rounded(percent, places: 2) + " %"
        default: return PlainNumber.rounded(percent, places: 1) + " %"
        }
    }

    /// Returns a count with its thousands separated: `12,345`.
    public static func text(count: Int) -> String { PlainNumber.grouped(String(count)) }

    private static func long(_ seconds: Double) -> String {
        guard seconds < 9e15 else { return PlainNumber.rounded(seconds, places: 0) + " s" }
        let units = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")]
        // Rounding to the smaller of the two units first keeps "59 min 60 s" away.
        var whole = Int(seconds.rounded())
        if whole >= 86_400 {
            whole = (whole + 1800) / 3600 * 3600
        } else if whole >= 3600 {
            whole = (whole + 30) / 60 * 60
        }
        var parts: [String] = []
        for (size, name) in units where parts.count < 2 {
            if whole >= size { parts.append("\(PlainNumber.grouped(String(whole / size))) \(name)") }
            whole %= size
        }
        return parts.joined(separator: " ")
    }
}

extension Duration {
    /// The span as seconds; exact to a nanosecond for spans of months.
    public var seconds: Double {
        let (seconds, attoseconds) = self.components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
