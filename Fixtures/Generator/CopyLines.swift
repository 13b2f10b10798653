// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Rows in COPY's text format, appended byte by byte into one buffer.
///
/// Every field ends with a tab, and the end of the row turns the last tab into a newline. No `String` is made a field:
/// that is what lets one core write more rows than the server takes in.
struct CopyLines: ~Copyable {
    /// The longest row that a table writes; the buffer counts as full when a longer one might not fit.
    static let longestRow = 2048

    private let base: UnsafeMutablePointer<UInt8>
    private let capacity: Int
    private var count = 0

    /// Creates an empty buffer.
    init(capacity: Int = 1 << 18) {
        precondition(capacity > Self.longestRow)
        self.capacity = capacity
        self.base = .allocate(capacity: capacity)
    }

    deinit { self.base.deallocate() }

    /// Whether another row might not fit.
    var isFull: Bool { self.count > self.capacity &- Self.longestRow }
    /// Whether nothing was written.
    var isEmpty: Bool { self.count == 0 }

    /// Hands out what was written and starts anew.
    mutating func take() -> [UInt8] {
        defer { self.count = 0 }
        return [UInt8](UnsafeBufferPointer(start: self.base, count: self.count))
    }

    /// Ends the row.
    mutating func endRow() { self.base[self.count &- 1] = 10 }

    /// Ends a field that was written in parts.
    mutating func endField() { self.byte(9) }

    /// Writes NULL.
    mutating func null() {
        self.byte(92)
        self.byte(78)
        self.byte(9)
    }

    /// Writes true or false.
    mutating func flag(_ value: Bool) {
        self.byte(value ? 116 : 102)
        self.byte(9)
    }

    /// Writes one word as a field.
    mutating func text(_ words: Words, _ index: Int) {
        self.part(words, index)
        self.byte(9)
    }

    /// Writes a whole number as a field.
    mutating func integer(_ value: Int) {
        self.digits(value)
        self.byte(9)
    }

    /// Writes an amount, given in cents, as a field.
    mutating func money(_ cents: Int) {
        self.digits(cents / 100)
        self.byte(46)
        self.pair(cents % 100)
        self.byte(9)
    }

    /// Writes a date as a field.
    mutating func date(_ day: Int) {
        self.part(Days.texts, day)
        self.byte(9)
    }

    /// Writes a time as a field, given in seconds since the first day.
    mutating func time(_ second: Int) {
        let day = second / 86_400
        let rest = second &- day &* 86_400
        self.part(Days.texts, day)
        self.byte(32)
        self.pair(rest / 3600)
        self.byte(58)
        self.pair(rest / 60 % 60)
        self.byte(58)
        self.pair(rest % 60)
        self.byte(43)
        self.pair(0)
        self.byte(9)
    }
}

extension CopyLines {
    /// Writes a part of a field: one word.
    mutating func part(_ words: Words, _ index: Int) { self.copy(words[index]) }

    /// Writes a part of a field: text known when the program is built.
    mutating func part(_ text: StaticString) {
        self.copy(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Writes a part of a field: a number.
    mutating func digits(_ value: Int) {
        if value < 0 { self.byte(45) }
        var rest = value.magnitude
        let length = Self.length(of: rest)
        var place = self.count &+ length
        self.reserve(length)
        repeat {
            place = place &- 1
            self.base[place] = UInt8(truncatingIfNeeded: 48 &+ rest % 10)
            rest /= 10
        } while rest > 0
        self.count = self.count &+ length
    }

    /// Writes a part of a field: a number with leading zeros.
    mutating func padded(_ value: Int, to length: Int) {
        self.reserve(length)
        var rest = value
        for place in stride(from: self.count &+ length &- 1, through: self.count, by: -1) {
            self.base[place] = UInt8(truncatingIfNeeded: 48 &+ rest % 10)
            rest /= 10
        }
        self.count = self.count &+ length
    }

    private mutating func pair(_ value: Int) {
        self.byte(UInt8(truncatingIfNeeded: 48 &+ value / 10))
        self.byte(UInt8(truncatingIfNeeded: 48 &+ value % 10))
    }

    private mutating func byte(_ value: UInt8) {
        self.reserve(1)
        self.base[self.count] = value
        self.count = self.count &+ 1
    }

    private mutating func copy(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return }
        self.reserve(bytes.count)
        (self.base + self.count).update(from: start, count: bytes.count)
        self.count = self.count &+ bytes.count
    }

    private func reserve(_ length: Int) {
        precondition(self.count &+ length <= self.capacity, "a row is longer than CopyLines.longestRow")
    }

    private static func length(of value: UInt) -> Int {
        var length = 1
        var bound: UInt = 10
        while value >= bound, length < 20 {
            length &+= 1
            bound = bound &* 10
        }
        return length
    }
}
