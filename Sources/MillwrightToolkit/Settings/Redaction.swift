// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Hides the passwords of addresses in any text, such as an error that quotes what somebody typed.
public enum Redaction {
    /// The text with every password of an address in it replaced by `***`.
    public static func scrubbed(_ text: String) -> String {
        guard text.contains("://") || text.contains("=") else { return text }
        var shown = ""
        var rest = text[...]
        while let start = rest.firstIndex(where: Self.isOfWord) {
            shown += rest[..<start]
            let word = rest[start...].prefix(while: Self.isOfWord)
            shown += Self.word(word)
            rest = rest[word.endIndex...]
        }
        return shown + rest
    }

    private static func word(_ word: Substring) -> String {
        if word.contains("://") { return ServerURL.redacted(String(word)) }
        let name = word.prefix { $0 != "=" }
        guard name.endIndex < word.endIndex, name.lowercased().hasSuffix("password") else { return String(word) }
        return "\(name)=***"
    }

    /// What ends an address in a sentence: blanks, and the quotes around it.
    private static func isOfWord(_ letter: Character) -> Bool {
        !letter.isWhitespace && letter != "`" && letter != "\"" && letter != "'"
    }
}
