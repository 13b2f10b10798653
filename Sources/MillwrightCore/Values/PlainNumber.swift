// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Numbers as plain digits: never an exponent, never a locale.
enum PlainNumber {
    /// The shortest digits that read back as the same number: `0.00001`, not `1e-05`; whole numbers without `.0`.
    static func exact(_ value: Double) -> String {
        let text = value.description
        guard let mark = text.firstIndex(where: { $0 == "e" || $0 == "E" }) else {
            return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
        }
        let exponent = Int(text[text.index(after: mark)...]) ?? 0
        return Self.shifted(text[..<mark], by: exponent)
    }

    /// Rounded to `places` digits after the point, thousands separated by commas, zeros at the end dropped if asked.
    static func rounded(_ value: Double, places: Int, dropsZeros: Bool = true) -> String {
        guard value.isFinite else { return "–" }
        let power = (0..<places).reduce(1.0) { product, _ in product * 10 }
        let scaled = (abs(value) * power).rounded()
        guard scaled < 9e15 else { return Self.grouped(Self.exact(value.rounded())) }
        let digits = String(Int(scaled))
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        var fraction = padded.suffix(places)
        while dropsZeros, fraction.last == "0" { fraction.removeLast() }
        let sign = value < 0 && scaled > 0 ? "-" : ""
        return sign + Self.grouped(String(padded.dropLast(places))) + (fraction.isEmpty ? "" : "." + fraction)
    }

    /// Thousands separated by commas: `-12,345`.
    static func grouped(_ digits: String) -> String {
        let sign = digits.hasPrefix("-") ? "-" : ""
        let bare = Array(digits.dropFirst(sign.count))
        var result = sign
        for (index, digit) in bare.enumerated() {
            if index > 0, (bare.count - index).isMultiple(of: 3) { result.append(",") }
            result.append(digit)
        }
        return result
    }

    /// Moves the point of `-1.25` by an exponent: `5` gives `-125000`, `-3` gives `-0.00125`.
    private static func shifted(_ mantissa: Substring, by exponent: Int) -> String {
        let sign = mantissa.hasPrefix("-") ? "-" : ""
        let parts = mantissa.dropFirst(sign.count).split(separator: ".")
        let whole = parts[0]
        let fraction = parts.count > 1 && parts[1] != "0" ? parts[1] : ""
        let digits = String(whole + fraction)
        let point = whole.count + exponent
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
        if point >= digits.count { return sign + digits + String(repeating: "0", count: point - digits.count) }
        return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    }
}
