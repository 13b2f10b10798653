// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Takes a script apart into its statements.
///
/// Only a file that runs without a transaction needs it: statements sent together are one transaction to the server,
/// and `CREATE INDEX CONCURRENTLY` refuses to run in one.
struct SQLScript {
    private let bytes: [UInt8]
    private var place = 0
    private var start = 0
    private var statements: [String] = []

    /// The statements of a script, without their semicolons; comments stay with the statement they precede.
    static func statements(of script: String) -> [String] {
        var scanner = Self(bytes: Array(script.utf8))
        while scanner.place < scanner.bytes.count { scanner.step() }
        scanner.endStatement()
        return scanner.statements
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func step() {
        switch self.bytes[self.place] {
        case UInt8(ascii: ";"):
            self.endStatement()
            self.place += 1
            self.start = self.place
        case UInt8(ascii: "'"): self.skipQuoted(UInt8(ascii: "'"), backslashEscapes: self.followsE)
        case UInt8(ascii: "\""): self.skipQuoted(UInt8(ascii: "\""), backslashEscapes: false)
        case UInt8(ascii: "-") where self.byte(after: 1) == UInt8(ascii: "-"): self.skipLine()
        case UInt8(ascii: "/") where self.byte(after: 1) == UInt8(ascii: "*"): self.skipBlockComment()
        case UInt8(ascii: "$"): self.skipDollarQuoted()
        default: self.place += 1
        }
    }

    private func byte(after distance: Int) -> UInt8? {
        self.place + distance < self.bytes.count ? self.bytes[self.place + distance] : nil
    }

    /// Whether the quote at `place` opens an `E'…'` string, in which a backslash escapes.
    private var followsE: Bool {
        guard self.place > 0, self.bytes[self.place - 1] | 32 == UInt8(ascii: "e") else { return false }
        return self.place < 2 || !Self.isWord(self.bytes[self.place - 2])
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 128...255:
            return true
        default: return false
        }
    }

    private mutating func skipQuoted(_ quote: UInt8, backslashEscapes: Bool) {
        self.place += 1
        while self.place < self.bytes.count, self.bytes[self.place] != quote {
            self.place += backslashEscapes && self.bytes[self.place] == UInt8(ascii: "\\") ? 2 : 1
        }
        // A doubled quote ends one string and begins the next, which comes to the same.
        self.place += 1
    }

    private mutating func skipLine() {
        while self.place < self.bytes.count, self.bytes[self.place] != UInt8(ascii: "\n") { self.place += 1 }
    }

    /// PostgreSQL's block comments nest.
    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if self.bytes[self.place] == UInt8(ascii: "/"), self.byte(after: 1) == UInt8(ascii: "*") {
                depth += 1
                self.place += 2
            } else if self.bytes[self.place] == UInt8(ascii: "*"), self.byte(after: 1) == UInt8(ascii: "/") {
                depth -= 1
                self.place += 2
            } else {
                self.place += 1
            }
        } while depth > 0 && self.place < self.bytes.count
    }

    private mutating func skipDollarQuoted() {
        var end = self.place + 1
        while end < self.bytes.count, Self.isWord(self.bytes[end]) { end += 1 }
        let startsInsideWord = self.place > 0 && Self.isWord(self.bytes[self.place - 1])
        let isParameter = self.byte(after: 1).map { (48...57).contains($0) } ?? false
        guard end < self.bytes.count, self.bytes[end] == UInt8(ascii: "$"), !startsInsideWord, !isParameter else {
            self.place += 1
            return
        }
        let tag = self.bytes[self.place...end]
        self.place = end + 1
        while self.place < self.bytes.count, !self.bytes[self.place...].starts(with: tag) { self.place += 1 }
        self.place = min(self.bytes.count, self.place + tag.count)
    }

    private mutating func endStatement() {
        let end = min(self.place, self.bytes.count)
        guard self.start < end else { return }
        let text = String(decoding: self.bytes[self.start..<end], as: UTF8.self)
        if Self.saysSomething(text) { self.statements.append(text) }
    }

    /// Whether there is more than comments and white space.
    private static func saysSomething(_ text: String) -> Bool {
        var scanner = Self(bytes: Array(text.utf8))
        while scanner.place < scanner.bytes.count {
            let before = scanner.place
            scanner.step()
            let byte = scanner.bytes[before]
            let isComment =
                (byte == UInt8(ascii: "-") || byte == UInt8(ascii: "/")) && scanner.place > before + 1
            if !isComment, byte > 32 { return true }
        }
        return false
    }
}
