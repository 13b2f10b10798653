// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

extension Prober {
    /// Reads a declaration: `haproxy inter 2s fall 3`; `inter=2s` is read as well.
    ///
    /// - Throws: ``ProberFault`` with what is wrong and what to write.
    public init(_ text: String) throws(ProberFault) {
        let words = text.split { $0.isWhitespace || $0 == "=" }.map(String.init)
        let kinds = Kind.allCases.map(\.rawValue)
        guard let first = words.first, let kind = Kind(rawValue: first) else {
            let guess = words.first.flatMap { nearest($0, in: kinds) }.map { "Did you mean `\($0)`?" }
            throw ProberFault(
                "names no prober that is known",
                guess ?? "Begin with one of \(kinds.joined(separator: ", "))."
            )
        }
        self.init(kind)
        try self.read(words.dropFirst())
    }

    private mutating func read(_ words: ArraySlice<String>) throws(ProberFault) {
        let options = ProberOption.all(of: self.kind)
        var given = Set<String>()
        var rest = words
        while let name = rest.popFirst() {
            guard let option = options.first(where: { $0.name == name }) else {
                let known = options.map(\.name)
                let guess = nearest(name, in: known).map { "Did you mean `\($0)`?" }
                throw ProberFault(
                    "has `\(name)`, which \(self.kind.rawValue) does not have",
                    guess ?? "Known: \(known.joined(separator: ", "))."
                )
            }
            guard given.insert(name).inserted else { throw ProberFault("has `\(name)` twice", "Keep one of them.") }
            guard let value = rest.popFirst() else {
                throw ProberFault("ends after `\(name)`", "Write its value after it.")
            }
            if let wrong = option.set(value, in: &self) {
                let advice = "Write it as in `\(Prober(self.kind))`."
                throw ProberFault("has `\(name)` with a wrong value: \(wrong)", advice)
            }
            // Without a timeout of its own, HAProxy gives a probe until the next one is due.
            if self.kind == .haproxy, !given.contains("timeout") { self.timeout = self.interval }
        }
    }
}

/// What is wrong with a prober's declaration, and what to write instead.
public struct ProberFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, to be read after the setting's name.
    public let message: String
    /// What to write, as a sentence.
    public let advice: String

    init(_ message: String, _ advice: String) {
        self.message = message
        self.advice = advice
    }

    /// Both, as sentences.
    public var description: String { "The prober \(self.message). \(self.advice)" }
}
