// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis
import Synchronization

/// Asks a server things it may refuse, and remembers that it is down so that it is asked only once.
final class RedisLook: Sendable {
    private let redis: any RedisSending
    private let timeout: Duration
    private let state: Mutex<RedisError?>

    init(_ redis: any RedisSending, timeout: Duration, outage: RedisError? = nil) {
        self.redis = redis
        self.timeout = timeout
        self.state = Mutex(outage)
    }

    /// Why the server cannot be asked, where it could not.
    var outage: RedisError? { self.state.withLock { $0 } }

    private static let outageCure = "Check that the server runs and that `caches.<alias>.location` names it."

    /// What `body` returns, or why it could not be seen.
    ///
    /// - Parameters:
    ///   - command: what is asked, for the reason.
    ///   - permissions: what an ACL must grant for it, for the cure.
    func seen<Value: Sendable>(
        _ command: String,
        permissions: String,
        _ body: () async throws -> Value
    ) async -> Seen<Value> {
        if let outage = self.outage { return .unknown(reason: outage.description, cure: Self.outageCure) }
        do {
            return .value(try await body())
        } catch let error as RedisError where error.code == .noPermission {
            return .unknown(
                reason: "The Redis user may not run \(command).",
                cure: "ACL SETUSER \(await self.user()) \(permissions)"
            )
        } catch let error as RedisError {
            guard error.isOutage else { return .unknown(reason: error.description, cure: nil) }
            self.state.withLock { $0 = error }
            return .unknown(reason: error.description, cure: Self.outageCure)
        } catch {
            return .unknown(reason: "The look at Redis was stopped.", cure: nil)
        }
    }

    /// What the server says about itself; its limit is asked for apart where `INFO` leaves it out or is refused.
    func serverFacts() async throws -> ServerFacts {
        let info = try await self.redis.send(RedisCommand("INFO"), timeout: self.timeout).decode(as: RedisInfo.self)
        var fields = info.fields
        if fields["maxmemory"] == nil || fields["maxmemory_policy"] == nil {
            let answer = try? await self.redis.send(RedisCommand("CONFIG", "GET", "maxmemory*"), timeout: self.timeout)
            let settings = try? answer?.decode(as: [String: String].self)
            fields["maxmemory"] = fields["maxmemory"] ?? settings?["maxmemory"]
            fields["maxmemory_policy"] = fields["maxmemory_policy"] ?? settings?["maxmemory-policy"]
        }
        return ServerFacts(info: fields)
    }

    /// Who we are to the server, for a command that can be pasted.
    private func user() async -> String {
        let answer = try? await self.redis.send(RedisCommand("ACL", "WHOAMI"), timeout: self.timeout)
        return (try? answer?.decode(as: String.self)) ?? "<user>"
    }
}
