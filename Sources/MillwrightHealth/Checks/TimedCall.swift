// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Synchronization

/// Runs a call that may wait for a connection, or for a cancelled statement to end, longer than a check may take; `late` is thrown
/// where it is not back in time.
///
/// The call is cancelled then and left to end by itself, as all calls of the drivers do soon.
func timed<Value: Sendable>(
    _ timeout: Duration,
    late: any Error,
    _ call: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let outcome = Outcome<Value>()
    let isBack = await bounded(by: timeout) {
        do { outcome.set(.success(try await call())) } catch { outcome.set(.failure(error)) }
    }
    guard isBack, let result = outcome.get() else { throw late }
    return try result.get()
}

private final class Outcome<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)

    func set(_ result: Result<Value, any Error>) { self.result.withLock { $0 = result } }
    func get() -> Result<Value, any Error>? { self.result.withLock { $0 } }
}
