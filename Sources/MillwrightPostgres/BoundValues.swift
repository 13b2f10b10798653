// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Where the values of a statement are written for libpq: one buffer for all, kept from statement to statement.
final class BoundValues {
    /// A buffer that one huge value has made larger than this is not kept.
    private static let maximumKeptBytes = 65_536

    private var text: [CChar] = []

    /// Calls `body` with pointers to the values, each ended by a zero byte and `nil` for NULL; they live as long as the call.
    func withPointers<Value>(
        to binds: [SQL.Bind],
        _ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>?) -> Value
    ) -> Value {
        guard !binds.isEmpty else { return body(0, nil) }
        self.text.removeAll(keepingCapacity: self.text.capacity <= Self.maximumKeptBytes)
        return withUnsafeTemporaryAllocation(of: Int.self, capacity: binds.count) { starts in
            for (index, bind) in binds.enumerated() { starts.initializeElement(at: index, to: self.write(bind)) }
            return self.text.withUnsafeBufferPointer { text in
                withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: binds.count) { pointers in
                    for (index, start) in starts.enumerated() {
                        pointers.initializeElement(at: index, to: start < 0 ? nil : text.baseAddress.map { $0 + start })
                    }
                    return body(Int32(binds.count), UnsafePointer(pointers.baseAddress))
                }
            }
        }
    }

    /// Writes a value at the end; returns where it starts, or -1 for NULL.
    private func write(_ bind: SQL.Bind) -> Int {
        guard var value = bind.text else { return -1 }
        let start = self.text.count
        value.withUTF8 { utf8 in self.text.append(contentsOf: UnsafeRawBufferPointer(utf8).bindMemory(to: CChar.self)) }
        self.text.append(0)
        return start
    }
}
