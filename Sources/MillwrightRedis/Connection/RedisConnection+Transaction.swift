// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension RedisConnection {
    /// Runs commands in one `MULTI` … `EXEC` and returns their answers in order.
    public nonisolated(nonsending) func transaction(_ commands: [RedisCommand], timeout: Duration?) async throws
        -> [RedisValue]
    {
        let framed = [RedisCommand("MULTI")] + commands + [RedisCommand("EXEC")]
        let replies = try await self.pipeline(framed, timeout: timeout)
        if case .error(var error)? = replies.first {
            error.mayHaveRun = true
            error.hint =
                "MULTI was refused, so what came behind it ran outside of a transaction, as far as it was not refused."
            throw error
        }
        // Which command was malformed says more than the EXECABORT at the end.
        for case .error(let error) in replies.dropLast() { throw error }
        switch replies.last {
        case .array(let answers): return answers
        case .error(let error): throw error
        case .null: throw RedisError(.transactionAborted, hint: "A watched key was changed by somebody else.")
        default: throw RedisError(.protocolViolation)
        }
    }
}
