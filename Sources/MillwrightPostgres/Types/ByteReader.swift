// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Takes a value apart from front to back; it never reads past the end.
struct ByteReader {
    let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { self.position == self.bytes.count }
    /// The byte to come, or 0 at the end.
    var next: UInt8 { self.position < self.bytes.count ? self.bytes[self.position] : 0 }

    /// What was taken since it stood there.
    func slice(from start: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self.bytes[start..<self.position])
    }

    /// Passes over one byte, where one is left.
    mutating func skip() { if !self.isAtEnd { self.position += 1 } }

    // MARK: Binary

    /// A number in network byte order, or `nil` where too few bytes are left.
    mutating func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) -> Number? {
        let size = MemoryLayout<Number>.size
        guard self.bytes.count - self.position >= size else { return nil }
        defer { self.position += size }
        return Number(bigEndian: self.bytes.loadUnaligned(fromByteOffset: self.position, as: Number.self))
    }

    /// That many bytes as they are.
    mutating func take(count: Int) -> UnsafeRawBufferPointer? {
        guard count >= 0, self.bytes.count - self.position >= count else { return nil }
        defer { self.position += count }
        return UnsafeRawBufferPointer(rebasing: self.bytes[self.position..<self.position + count])
    }

    // MARK: Text

    /// Takes one character, where it comes next.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard self.position < self.bytes.count, self.bytes[self.position] == UInt8(ascii: character) else {
            return false
        }
        self.position += 1
        return true
    }

    /// Takes a word, where it comes next.
    mutating func take(word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard self.bytes.count - self.position >= count else { return false }
        for offset in 0..<count where self.bytes[self.position + offset] != word.utf8Start[offset] { return false }
        self.position += count
        return true
    }

    /// Takes decimal digits, at most 18 of them, so that the number fits.
    mutating func digits(atMost limit: Int = 18) -> Int64? {
        let start = self.position
        var value: Int64 = 0
        while self.position < self.bytes.count, self.position - start < limit {
            let digit = self.bytes[self.position] &- 48
            guard digit <= 9 else { break }
            value = value &* 10 &+ Int64(digit)
            self.position += 1
        }
        return self.position > start ? value : nil
    }

    /// Takes up to six digits behind a decimal point, as millionths.
    mutating func millionths() -> Int64? {
        let start = self.position
        guard var value = self.digits(atMost: 6) else { return nil }
        for _ in (self.position - start)..<6 { value *= 10 }
        return value
    }

    /// `hh:mm:ss` with a fraction, as microseconds; hours may be many, as intervals have them.
    mutating func clock(hours limit: Int64) -> UInt64? {
        guard let hours = self.digits(), hours <= limit, self.take(":"), let minutes = self.digits(atMost: 2),
            minutes < 60, self.take(":"), let seconds = self.digits(atMost: 2), seconds < 60
        else { return nil }
        let whole = UInt64((hours * 60 + minutes) * 60 + seconds) * 1_000_000
        guard self.take(".") else { return whole }
        return self.millionths().map { whole + UInt64($0) }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether these are the bytes of that word.
    func equals(_ word: StaticString) -> Bool {
        var reader = ByteReader(self)
        return self.count == word.utf8CodeUnitCount && reader.take(word: word)
    }
}
