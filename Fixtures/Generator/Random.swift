// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// SplitMix64: small, fast, and the same on every machine, which the standard library's generators do not promise.
struct Random: Sendable {
    private var state: UInt64

    /// Creates the generator of one stream; streams of one seed are independent of each other.
    init(seed: UInt64, stream: StaticString) {
        var state = seed
        for index in 0..<stream.utf8CodeUnitCount {
            state = Self.mixed(state ^ UInt64(stream.utf8Start[index]))
        }
        self.state = state
    }

    /// Creates a generator that stands at `state`.
    init(state: UInt64) { self.state = state }

    /// The next 64 random bits.
    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(self.state)
    }

    /// A number from 0 up to, but not including, `bound`.
    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: UInt64(truncatingIfNeeded: bound).multipliedFullWidth(by: self.next()).high)
    }

    /// True in `percent` of a hundred cases.
    mutating func chance(_ percent: Int) -> Bool { self.below(100) < percent }

    /// The bits that belong to a number: the same number always gives the same bits.
    static func mixed(_ value: UInt64) -> UInt64 {
        var bits = value
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}

extension Random: RandomNumberGenerator {}
