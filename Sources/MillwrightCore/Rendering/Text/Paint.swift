// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Colours for a terminal, or none.
struct Paint {
    enum Style: String {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
        case cyan = "36"
        case boldRed = "1;31"
    }

    var isOn: Bool

    /// The text in a style; it must hold no controls of its own.
    func callAsFunction(_ style: Style, _ text: String) -> String {
        self.isOn && !text.isEmpty ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }
}

extension Severity {
    /// A sign that tells the severities apart without colour.
    var mark: String {
        switch self {
        case .info: "•"
        case .warning: "▲"
        case .error: "✗"
        case .critical: "✖"
        }
    }

    var style: Paint.Style {
        switch self {
        case .info: .cyan
        case .warning: .yellow
        case .error: .red
        case .critical: .boldRed
        }
    }
}
