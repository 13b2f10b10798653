// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

// Names of tables, keys of a cache and texts of queries come from whoever may create them. An escape sequence in such a
// name must not move the cursor, set the clipboard or hide a line of the report on the reader's terminal, and a
// bidirectional override must not show the words in another order than they are pasted in.

extension Unicode.Scalar {
    /// Whether a terminal may obey this scalar instead of showing it: C0, DEL, C1, bidirectional controls, line separators.
    var steersTerminal: Bool {
        switch self.value {
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }

    /// A picture of the scalar where it steers, else the scalar itself: ESC becomes `␛`.
    fileprivate var visible: Unicode.Scalar {
        guard self.steersTerminal else { return self }
        if self.value == 0x7F { return "\u{2421}" }
        return self.value < 0x20 ? Unicode.Scalar(0x2400 + self.value) ?? "\u{FFFD}" : "\u{FFFD}"
    }
}

extension StringProtocol {
    /// Whether all of it is printable ASCII: most names and figures are, and nothing has to be done for them.
    var isPlain: Bool { self.utf8.allSatisfy { (0x20...0x7E).contains($0) } }
}

extension String {
    /// The text with every control shown as a picture; line ends and tabs, too, so that it stays one line.
    var visible: String {
        if self.isPlain || !self.unicodeScalars.contains(where: \.steersTerminal) { return self }
        var result = String.UnicodeScalarView()
        for scalar in self.unicodeScalars { result.append(scalar.visible) }
        return String(result)
    }

    /// The text on one line for a table's cell: every run of blanks and line ends is one space.
    var oneLine: String {
        if self.isPlain, self.hasSingleBlanks { return self }
        return self.split(whereSeparator: \.isWhitespace).joined(separator: " ").visible
    }

    /// Whether no blank stands beside another, at the beginning or at the end.
    private var hasSingleBlanks: Bool {
        var before = UInt8(ascii: " ")
        for byte in self.utf8 {
            if byte == UInt8(ascii: " "), before == byte { return false }
            before = byte
        }
        return self.isEmpty || before != UInt8(ascii: " ")
    }

    /// The lines of the text, each of them safe to show; a tab is four spaces.
    var visibleLines: [String] {
        if self.isPlain { return [self] }
        return self.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).joined(separator: "    ").visible
        }
    }
}
