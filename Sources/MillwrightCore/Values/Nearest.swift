// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Returns the known word that was probably meant, or `nil` where none is near: the word of "Did you mean".
///
/// Near is at most one slip for three letters (a letter missing, too much, wrong, or two swapped); case and the choice
/// between `-` and `_` are no slips. Of equally near words the first in `known` wins.
public func nearest(_ word: String, in known: [String]) -> String? {
    let asked = folded(word)
    var best: (word: String, slips: Int)?
    for candidate in known {
        let slips = slips(between: asked, and: folded(candidate))
        let allowed = max(1, max(asked.count, candidate.count) / 3)
        // A word of one or two letters is near only to itself written otherwise.
        guard slips <= (asked.count < 3 ? 0 : allowed), slips < best?.slips ?? .max else { continue }
        best = (candidate, slips)
    }
    return best?.word
}

private func folded(_ word: String) -> [Character] { word.lowercased().map { $0 == "-" ? "_" : $0 } }

/// The Damerau-Levenshtein distance in its restricted form: no part of a word is edited twice.
private func slips(between one: [Character], and other: [Character]) -> Int {
    var before: [Int] = []
    var above = Array(0...other.count)
    for (row, letter) in one.enumerated() {
        var line = [row + 1]
        for (column, candidate) in other.enumerated() {
            var least = min(above[column + 1] + 1, line[column] + 1, above[column] + (letter == candidate ? 0 : 1))
            if row > 0, column > 0, letter == other[column - 1], one[row - 1] == candidate {
                least = min(least, before[column - 1] + 1)
            }
            line.append(least)
        }
        (before, above) = (above, line)
    }
    return above[other.count]
}
