// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A piece of HTML; the only way to make one from words escapes them.
struct HTML {
    private(set) var source: String

    /// Markup written in this program, never words from outside.
    init(markup: StaticString) { self.source = markup.description }

    private init(source: String) { self.source = source }

    /// Words, escaped so that they are only words, in an element and in a quoted attribute.
    static func text(_ words: String) -> HTML {
        var result = ""
        for scalar in words.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            case "\r": break
            case _ where scalar.steersTerminal: result += String(scalar).visible
            default: result.unicodeScalars.append(scalar)
            }
        }
        return HTML(source: result)
    }

    /// An element; attributes' values are escaped.
    static func element(
        _ name: StaticString,
        _ attributes: KeyValuePairs<StaticString, String> = [:],
        _ children: [HTML] = []
    ) -> HTML {
        let list = attributes.map { " \($0.key)=\"\(HTML.text($0.value).source)\"" }.joined()
        return HTML(source: "<\(name)\(list)>" + children.map(\.source).joined() + "</\(name)>")
    }

    /// An element that holds words.
    static func element(
        _ name: StaticString,
        _ attributes: KeyValuePairs<StaticString, String> = [:],
        text: String
    ) -> HTML {
        .element(name, attributes, [.text(text)])
    }

    static let empty = HTML(source: "")

    static func joined(_ parts: [HTML]) -> HTML { HTML(source: parts.map(\.source).joined()) }
}
