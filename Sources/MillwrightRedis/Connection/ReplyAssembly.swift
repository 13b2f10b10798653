// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Puts an answer together from its pieces, which come in the order they are sent in.
final class ReplyAssembly {
    private struct Open {
        var missing: Int
        var elements: [RedisValue]
    }

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
            value = .array(array.elements)
        }
        self.whole = value
    }

    /// The head of an array; its elements follow.
    func open(count: Int) {
        guard count > 0 else {
            self.add(.array([]))
            return
        }
        var elements: [RedisValue] = []
        // The count is the server's claim: memory follows only what really comes.
        elements.reserveCapacity(min(count, 4_096))
        self.open.append(Open(missing: count, elements: elements))
    }

    /// Takes the whole answer.
    func take() -> RedisValue? {
        defer { self.whole = nil }
        return self.whole
    }
}
