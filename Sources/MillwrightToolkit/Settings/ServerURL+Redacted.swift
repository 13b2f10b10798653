// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension ServerURL {
    /// The address with every password in it replaced by `***`.
    ///
    /// When it cannot tell where the password ends, it hides more rather than less.
    static func redacted(_ text: String) -> String {
        guard let mark = Self.range(of: "://", in: text) else { return Self.redactedKeywords(text) }
        let rest = text[mark.upperBound...]
        // A password may hold `@`, `/` and `?` unescaped: the last `@` before the host ends the user's part.
        let authority =
            rest.contains("@") ? rest[...(rest.lastIndex(of: "@") ?? rest.startIndex)] : rest[..<rest.startIndex]
        let isRedis = text.hasPrefix("redis")
        return text[..<mark.upperBound] + Self.redactedUser(authority, isRedis: isRedis)
            + Self.redactedQuery(rest[authority.endIndex...])
    }

    /// Whether the address holds a password.
    static func holdsPassword(_ text: String) -> Bool { Self.redacted(text) != text }

    /// `user:password@`; a single word before the `@` is a name to PostgreSQL and a password to `redis-cli`.
    private static func redactedUser(_ authority: Substring, isRedis: Bool) -> String {
        guard !authority.isEmpty else { return "" }
        let user = authority.prefix { $0 != ":" && $0 != "@" }
        if authority.dropFirst(user.count).first == ":" { return Self.redactedQuery(user) + ":***@" }
        return isRedis ? "***@" : Self.redactedQuery(authority)
    }

    private static func redactedQuery(_ text: Substring) -> String {
        guard let start = text.firstIndex(of: "?") else { return String(text) }
        let pairs = text[text.index(after: start)...].split(separator: "&", omittingEmptySubsequences: false)
        let shown = pairs.map { pair in
            let name = pair.prefix { $0 != "=" }
            return Self.isSecret(name) && name != pair ? "\(name)=***" : String(pair)
        }
        return text[...start] + shown.joined(separator: "&")
    }

    /// `host=db password='a b' user=x`: libpq quotes with `'` and escapes with `\`.
    private static func redactedKeywords(_ text: String) -> String {
        var shown = ""
        var rest = text[...]
        while let equals = rest.firstIndex(of: "=") {
            let name = rest[..<equals]
            shown += name + "="
            rest = rest[rest.index(after: equals)...]
            let blanks = rest.prefix(while: \.isWhitespace)
            rest = rest.dropFirst(blanks.count)
            let value = Self.keywordValue(rest)
            rest = rest.dropFirst(value.count)
            let isSecret = Self.isSecret(name.drop(while: \.isWhitespace).prefix { !$0.isWhitespace })
            shown += isSecret ? "***" : blanks + value
        }
        return shown + rest
    }

    private static func keywordValue(_ text: Substring) -> Substring {
        let isQuoted = text.first == "'"
        var isEscaped = false
        var length = isQuoted ? 1 : 0
        for letter in text.dropFirst(length) {
            if !isEscaped, isQuoted ? letter == "'" : letter.isWhitespace {
                return text.prefix(length + (isQuoted ? 1 : 0))
            }
            isEscaped = !isEscaped && letter == "\\"
            length += 1
        }
        return text
    }

    private static func isSecret(_ name: Substring) -> Bool {
        ["password", "sslpassword", "passwd", "auth", "sentinel_password"].contains(name.lowercased())
    }
}
