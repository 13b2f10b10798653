// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Puts an answer together from its pieces, which come in the order they are sent in.
final class ReplyAssembly {
    /// What holds several answers.
    enum Kind { case array, map, set, push, attribute }

    fileprivate struct Open {
        let kind: Kind
        var missing: Int
        var elements: [RedisValue]
    }

    /// So deep may answers be nested: hiredis before 1.0 goes less far, a newer one as far as memory, and a value is let go by
    /// recursion.
    static let mostLevels = 64

    private var open: [Open] = []
    private var whole: RedisValue?

    /// A number, a text, nothing.
    func add(_ value: RedisValue) {
        var value = value
        while var array = self.open.popLast() {
            array.elements.append(value)
            array.missing -= 1
            guard array.missing == 0 else {
                self.open.append(array)
                return
            }
            guard let whole = array.whole else { return }
            value = whole
        }
        self.whole = value
    }

    /// The head of an array or of what is like one; its elements follow, a map's keys and values in turn.
    ///
    /// - Returns: false where it is nested too deep to be taken.
    @discardableResult
    func open(_ kind: Kind = .array, count: Int) -> Bool {
        guard count > 0 else {
            if let whole = Open(kind: kind, missing: 0, elements: []).whole { self.add(whole) }
            return true
        }
        guard self.open.count < Self.mostLevels else { return false }
        var elements: [RedisValue] = []
        // The count is the server's claim: memory follows only what really comes.
        elements.reserveCapacity(min(count, 4_096))
        self.open.append(Open(kind: kind, missing: count, elements: elements))
        return true
    }

    /// Takes the whole answer.
    func take() -> RedisValue? {
        defer { self.whole = nil }
        return self.whole
    }
}

extension ReplyAssembly.Open {
    /// What it is when it has all its elements; nothing where it only says something about the answer that follows.
    fileprivate var whole: RedisValue? {
        switch self.kind {
        case .array: .array(self.elements)
        case .set: .set(self.elements)
        case .push: .push(self.elements)
        case .attribute: nil
        case .map:
            .map(
                stride(from: 0, to: self.elements.count - 1, by: 2).map {
                    RedisValue.Pair(key: self.elements[$0], value: self.elements[$0 + 1])
                }
            )
        }
    }
}
