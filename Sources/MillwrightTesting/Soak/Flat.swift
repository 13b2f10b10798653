// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Repeats operations in rounds, prints what the process holds after each, and throws where it grows.
///
/// The first rounds may grow: caches fill, the allocator takes what it will need. Between the middle and the end descriptors may
/// not grow by more than four, nor memory by more than a twentieth and 4 MB.
///
/// ```swift
/// try await expectFlat(rounds: 10, operations: 1_000) { operations in
///     for _ in 0..<operations {
///         // one operation
///     }
/// }
/// ```
public func expectFlat(
    rounds: Int = 10,
    operations: Int,
    _ name: String = #function,
    isolation: isolated (any Actor)? = #isolation,
    _ run: (_ operations: Int) async throws -> Void
) async throws {
    var seen: [ProcessResources] = []
    for round in 1...rounds {
        try await run(operations)
        // What is closed on the event loop is closed soon, not at once.
        try await Task.sleep(for: .milliseconds(100))
        let now = ProcessResources.now()
        seen.append(now)
        print(
            "soak: \(name): \(round * operations) operations, \(now.residentBytes >> 10) kB, \(now.descriptors) descriptors"
        )
    }
    guard let last = seen.last, let middle = seen.dropLast(rounds / 2).last else { return }
    if last.descriptors > middle.descriptors + 4 || last.residentBytes > middle.residentBytes * 21 / 20 + 4_194_304 {
        throw NotFlat(name: name, middle: middle, last: last)
    }
}

/// What grew while the same was done again and again.
public struct NotFlat: Error, CustomStringConvertible {
    let name: String
    let middle: ProcessResources
    let last: ProcessResources

    /// One sentence with the figures.
    public var description: String {
        let memory = "\(self.middle.residentBytes) to \(self.last.residentBytes) bytes"
        return "\(self.name) grew from \(memory), \(self.middle.descriptors) to \(self.last.descriptors) descriptors."
    }
}
