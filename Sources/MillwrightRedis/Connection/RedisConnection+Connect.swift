// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
public import MillwrightIO

extension RedisConnection {
    /// Connects, names us, and gives password and database: the connection is ready for commands.
    ///
    /// Where Sentinels are configured it leads to the primary that they name now; unlike a client, it does not follow a failover.
    ///
    /// - Parameters:
    ///   - configuration: where and who; its `connectTimeout` bounds all of it.
    ///   - loop: the event loop it runs on.
    public static func connect(
        _ configuration: RedisConfiguration,
        loop: EventLoop = .shared
    ) async throws -> RedisConnection {
        if let sentinels = configuration.sentinels {
            return try await PrimaryWatch(sentinels, for: configuration, loop: loop).openOnce()
        }
        let deadline = Deadline.after(configuration.connectTimeout)
        let addresses = try await ServerAddress.all(of: configuration.endpoint, within: configuration.connectTimeout)
        return try await Self.connect(configuration, to: addresses, before: deadline, loop: loop)
    }

    /// Connects to the first of the addresses whose server answers.
    static func connect(
        _ configuration: RedisConfiguration,
        to addresses: [ServerAddress],
        before deadline: Deadline,
        loop: EventLoop = .shared
    ) async throws -> RedisConnection {
        var failure: any Error = RedisError(.connectionFailed)
        for (index, address) in addresses.enumerated() {
            do {
                // A silent address leaves time for those after it.
                let share = Deadline.after((deadline.remaining ?? .zero) / (addresses.count - index))
                let socket = try HiredisSocket(address)
                let connection = RedisConnection(configuration, socket: socket, loop: loop)
                try await connection.open(before: share)
                try await connection.introduce(before: share)
                return connection
            } catch let error as RedisError
                where [.connectionFailed, .connectionLost, .timedOut].contains(error.code)
            {
                failure = error
            }
        }
        throw failure
    }

    /// `AUTH`, `HELLO`, `SELECT` and `CLIENT SETNAME` in one go.
    private func introduce(before deadline: Deadline) async throws {
        var commands: [RedisCommand] = []
        if let password = self.configuration.password {
            var command = RedisCommand("AUTH")
            if let user = self.configuration.user { command.append(user) }
            command.append(password.reveal())
            commands.append(command)
        }
        if self.configuration.protocolVersion == .newest, HiredisReader.readsRESP3 {
            commands.append(RedisCommand("HELLO", 3))
        }
        // A connection begins in database 0, and an ACL may forbid SELECT to who needs no other. PING asks in its stead
        // whether the server serves us at all.
        let database = self.configuration.database
        commands.append(database == 0 ? RedisCommand("PING") : RedisCommand("SELECT", database))
        if let name = self.configuration.clientName {
            commands.append(RedisCommand("CLIENT", "SETNAME", name))
            commands.append(RedisCommand("CLIENT", "SETINFO", "LIB-NAME", "millwright"))  // Since 7.2.
        }
        if self.configuration.mustBePrimary { commands.append(RedisCommand("ROLE")) }

        defer { self.trace = SessionTrace() }
        do {
            let replies = try await self.answers(to: commands, timeout: deadline.remaining ?? .zero)
            for (command, reply) in zip(commands, replies) {
                if command.name == "ROLE" {
                    try reply.requirePrimary()
                    continue
                }
                guard case .error(let error) = reply else { continue }
                switch command.name {
                // A courtesy; and a server before 6.0 goes on in RESP2.
                case "CLIENT", "HELLO": continue
                // An ACL may forbid even this.
                case "PING" where error.code == .noPermission: continue
                default: throw error
                }
            }
        } catch {
            self.close()
            throw error
        }
    }
}

extension HiredisSocket {
    /// Begins to connect.
    convenience init(_ address: ServerAddress) throws {
        switch address {
        case .tcp(let address, let port): try self.init(address: address, port: port)
        case .unix(let path): try self.init(path: path)
        }
    }
}
