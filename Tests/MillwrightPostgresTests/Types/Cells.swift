// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

@testable import MillwrightPostgres

/// Decodes a text as if the server had sent it.
func decoded<Value: PostgresDecodable>(
    _ text: String?,
    type: PostgresType = .inferred,
    as _: Value.Type = Value.self
) throws -> Value? {
    guard var text else { return try Value(PostgresCell(bytes: nil, type: type.rawValue)) }
    return try text.withUTF8 {
        try Value(PostgresCell(bytes: UnsafeRawBufferPointer($0), type: type.rawValue))
    }
}

/// Decodes bytes as if the server had sent them in binary.
func decoded<Value: PostgresDecodable>(
    binary bytes: [UInt8],
    type: PostgresType,
    as _: Value.Type = Value.self
) throws -> Value? {
    try bytes.withUnsafeBytes {
        try Value(PostgresCell(bytes: $0, type: type.rawValue, format: .binary))
    }
}

/// Numbers that look random and are the same in every run.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    /// The splitmix64 generator.
    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
