// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension RedisError {
    static func unsupported(_ command: RedisCommand) -> RedisError {
        RedisError(.usage, hint: "\(command.name) has more than one answer, or none, and cannot be sent as a command.")
    }

    static func needsOwnConnection(_ command: RedisCommand) -> RedisError {
        RedisError(
            .usage,
            hint:
                "\(command.name) changes or holds up the connection that callers share; send it in withConnection { }."
        )
    }
}
