// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Yams

/// The settings file's text as entries, each with its line: pure, no file is touched.
enum SettingsDocument {
    /// Reads YAML; `path` is only named in problems.
    static func read(_ text: String, path: String) -> SettingsLayer {
        var layer = SettingsLayer()
        guard let root = Self.root(of: text, path: path, into: &layer) else { return layer }
        guard case .mapping(let mapping) = root else {
            layer.problems.append(Self.notAMapping(path: path, line: root.mark?.line ?? 1))
            return layer
        }
        var walk = SettingsWalk(path: path, layer: layer)
        walk.enter(mapping, at: SettingsKey([]))
        return walk.layer
    }

    /// Composes the document; a key given twice is noted, masked and read again, so that all problems are found at once.
    private static func root(of text: String, path: String, into layer: inout SettingsLayer) -> Node? {
        var text = text
        for _ in 0..<100 {
            do {
                let root = try Parser(yaml: text).singleRoot()
                if root == nil || root?.null != nil { layer.problems.append(Self.empty(path: path)) }
                return root?.null == nil ? root : nil
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                layer.problems.append(Self.twice(keys.first ?? "", path: path, line: context.mark.line))
                guard let masked = Self.masked(text, at: context.mark) else { return nil }
                text = masked
            } catch {
                layer.problems.append(Self.unreadable(error, path: path))
                return nil
            }
        }
        return nil
    }

    /// What a masked key begins with: a character of the private-use area, which no real key holds.
    static let mask = "\u{E000}"

    /// Makes the key at `mark` another one, different from every other masked key.
    private static func masked(_ text: String, at mark: Mark) -> String? {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.indices.contains(mark.line - 1) else { return nil }
        var scalars = Array(lines[mark.line - 1].unicodeScalars)
        guard mark.column >= 1, mark.column <= scalars.count else { return nil }
        let isQuoted = ["\"", "'"].contains(scalars[mark.column - 1])
        let insertion = "\(Self.mask)\(text.unicodeScalars.count)_"
        scalars.insert(contentsOf: insertion.unicodeScalars, at: mark.column - 1 + (isQuoted ? 1 : 0))
        lines[mark.line - 1] = String(String.UnicodeScalarView(scalars))
        return lines.joined(separator: "\n")
    }
}

// What can be wrong with the document as a whole.
extension SettingsDocument {
    private static func empty(path: String) -> SettingsProblem {
        SettingsProblem(
            "",
            at: .file(path: path, line: 0),
            "The file is empty",
            advice: "Write `databases: { default: { url: \"postgres://…\" } }`, or remove the file."
        )
    }

    private static func notAMapping(path: String, line: Int) -> SettingsProblem {
        let known = SettingsSchema.topKeys.joined(separator: ", ")
        return SettingsProblem(
            "",
            at: .file(path: path, line: line),
            "The file does not hold keys",
            advice: "Write `key: value` lines; known at the top: \(known)."
        )
    }

    private static func twice(_ key: String, path: String, line: Int) -> SettingsProblem {
        SettingsProblem(
            key,
            at: .file(path: path, line: line),
            "is given twice in one place",
            advice: "Keep one of them."
        )
    }

    private static func unreadable(_ error: any Error, path: String) -> SettingsProblem {
        let (line, problem) = Self.fault(in: error)
        return SettingsProblem(
            "",
            at: .file(path: path, line: line),
            "The file is not YAML: \(problem)",
            advice: "Check the indentation, the quotes and the brackets there."
        )
    }

    /// Where and what; never the text itself, which may hold a password.
    private static func fault(in error: any Error) -> (line: Int, problem: String) {
        switch error {
        case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _):
            (mark.line, problem)
        case YamlError.reader(let problem, _, _, _): (0, problem)
        default: (0, "it cannot be read")
        }
    }
}
