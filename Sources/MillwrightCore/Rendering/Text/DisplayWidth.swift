// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension Character {
    /// The columns a terminal gives to this character: 0, 1 or 2.
    var displayWidth: Int {
        guard let first = self.unicodeScalars.first else { return 0 }
        if first.isASCII { return 1 }
        // U+FE0F asks for the emoji form, which is wide.
        if self.unicodeScalars.contains("\u{FE0F}") || first.properties.isEmojiPresentation { return 2 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return first.isWide ? 2 : 1
        }
    }
}

extension Unicode.Scalar {
    /// East Asian Width W or F, by block (Unicode UAX #11); the blocks are wider than the table by unassigned points only.
    fileprivate var isWide: Bool {
        switch self.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
            0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1B000...0x1B2FF, 0x1F200...0x1F2FF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}

extension StringProtocol {
    /// The columns a terminal gives to this text, which holds no controls.
    var displayWidth: Int { self.isPlain ? self.utf8.count : self.reduce(0) { $0 + $1.displayWidth } }
}

extension String {
    /// The text filled with blanks to a width, at its end or at its beginning.
    func padded(to width: Int, isRight: Bool = false) -> String {
        let blanks = String(repeating: " ", count: Swift.max(0, width - self.displayWidth))
        return isRight ? blanks + self : self + blanks
    }

    /// The text cut to a width, with `…` where something is missing.
    func cut(to width: Int) -> String {
        guard self.displayWidth > width else { return self }
        var kept = ""
        var used = 1
        for character in self {
            used += character.displayWidth
            guard used <= width else { break }
            kept.append(character)
        }
        return kept + "…"
    }

    /// The text with its first letter in upper case.
    var capitalizedFirst: String { self.prefix(1).uppercased() + self.dropFirst() }
}

/// Sets pieces into lines of at most `width` columns; 0 sets all on one line.
///
/// A piece that is longer has a line to itself and is never broken: a name that is cut in two cannot be copied.
func wrapped(_ pieces: [String], between separator: String = " ", width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    var used = 0
    for piece in pieces where !piece.isEmpty {
        let pieceWidth = piece.displayWidth
        if line.isEmpty {
            (line, used) = (piece, pieceWidth)
        } else if width <= 0 || used + separator.displayWidth + pieceWidth <= width {
            line += separator + piece
            used += separator.displayWidth + pieceWidth
        } else {
            lines.append(line)
            (line, used) = (piece, pieceWidth)
        }
    }
    return line.isEmpty ? lines : lines + [line]
}

/// Sets the words of a text into lines of at most `width` columns.
func wrapped(_ text: String, width: Int) -> [String] {
    wrapped(text.oneLine.split(separator: " ").map(String.init), width: width)
}
