// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Yams

/// Walks the composed document and notes each value with its key and line.
struct SettingsWalk {
    let path: String
    var layer: SettingsLayer

    /// Deep enough for `apps.<label>.…`, and an end to documents built to never end.
    private static let deepest = 8

    mutating func enter(_ mapping: Node.Mapping, at key: SettingsKey) {
        for (name, node) in mapping {
            let origin = SettingsOrigin.file(path: self.path, line: name.mark?.line ?? 0)
            guard let word = name.scalar?.string else {
                self.note(key, origin, "holds a key that is not a word", "Write one word before each colon.")
                continue
            }
            guard !word.hasPrefix(SettingsDocument.mask) else { continue }
            self.take(node, at: SettingsKey(key.components + [word]), origin)
        }
    }

    private mutating func take(_ node: Node, at key: SettingsKey, _ origin: SettingsOrigin) {
        switch node {
        case .scalar(let scalar): self.take(scalar, node, at: key, origin)
        case .sequence(let sequence): self.take(sequence, at: key, origin)
        case .mapping(let mapping): self.take(mapping, at: key, origin)
        case .alias: self.note(key, origin, "names an anchor that is not there", "Write the value itself.")
        }
    }

    private mutating func take(_ scalar: Node.Scalar, _ node: Node, at key: SettingsKey, _ origin: SettingsOrigin) {
        if Self.isGroup(key) {
            self.note(key, origin, "holds no keys", "Write keys under it, or remove it.")
        } else if node.null != nil {
            self.note(key, origin, "has no value", "Write a value after the colon, or remove the line.")
        } else {
            self.layer.entries.append(SettingsEntry(key: key, text: scalar.string, origin: origin))
        }
    }

    private mutating func take(_ sequence: Node.Sequence, at key: SettingsKey, _ origin: SettingsOrigin) {
        let words = sequence.compactMap { $0.scalar?.string }
        let isList = SettingsSchema.field(of: key)?.kind.isList == true || SettingsSchema.isFree(key)
        guard isList, words.count == sequence.count else {
            let isKnown = SettingsSchema.field(of: key) != nil || Self.isGroup(key)
            self.note(
                key,
                origin,
                isKnown ? "is a list" : "is not a known key",
                isKnown
                    ? "Write one value, without `-` or `[ ]`." : UnknownKey.problem(with: key, at: origin)?.advice ?? ""
            )
            return
        }
        self.layer.entries.append(SettingsEntry(key: key, text: words.joined(separator: ","), origin: origin))
    }

    private mutating func take(_ mapping: Node.Mapping, at key: SettingsKey, _ origin: SettingsOrigin) {
        if SettingsSchema.field(of: key) != nil {
            self.note(key, origin, "holds keys where one value is expected", "Write the value after the colon.")
        } else if key.components.count >= Self.deepest {
            self.note(key, origin, "is nested too deeply", "Write at most \(Self.deepest) levels.")
        } else if key.components.count == 1, !SettingsSchema.topKeys.contains(key.components[0]) {
            // One problem for the group is enough; its members would all be unknown, too.
            self.layer.entries.append(SettingsEntry(key: key, text: "", origin: origin))
        } else {
            self.enter(mapping, at: key)
        }
    }

    private mutating func note(_ key: SettingsKey, _ origin: SettingsOrigin, _ message: String, _ advice: String) {
        self.layer.problems.append(SettingsProblem(key.description, at: origin, message, advice: advice))
    }

    /// Whether the key is one that holds others: `databases`, `databases.default`.
    private static func isGroup(_ key: SettingsKey) -> Bool {
        let parts = key.components
        switch parts.count {
        case 1:
            return SettingsSchema.topKeys.contains(parts[0]) && !SettingsSchema.top.contains { $0.name == parts[0] }
        case 2: return SettingsSchema.aliased[parts[0]] != nil || SettingsSchema.free.contains(parts[0])
        default: return false
        }
    }
}
