// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension RedisError.Code {
    enum Base: String, Sendable, Hashable, CaseIterable {
        case nameNotFound = "name_not_found"
        case connectionFailed = "connection_failed"
        case connectionLost = "connection_lost"
        case timedOut = "timed_out"
        case poolExhausted = "pool_exhausted"
        case breakerOpen = "breaker_open"
        case closed
        case usage
        case protocolViolation = "protocol_violation"
        case decodingFailed = "decoding_failed"
        case readOnly = "read_only"
        case loading
        case outOfMemory = "out_of_memory"
        case misconfigured
        case noAuthentication = "no_authentication"
        case wrongPassword = "wrong_password"
        case noPermission = "no_permission"
        case moved
        case clusterDown = "cluster_down"
        case primaryDown = "primary_down"
        case noPrimary = "no_primary"
        case tooFewReplicas = "too_few_replicas"
        case busy
        case tooManyClients = "too_many_clients"
        case noScript = "no_script"
        case transactionAborted = "transaction_aborted"
        case wrongType = "wrong_type"
        case overflow
        case commandFailed = "command_failed"
    }

    /// The host's name leads to no address.
    public static let nameNotFound = Self(base: .nameNotFound)
    /// No connection: refused, unreachable, or no socket there.
    public static let connectionFailed = Self(base: .connectionFailed)
    /// The connection ended before the answer came.
    public static let connectionLost = Self(base: .connectionLost)
    /// No answer, or no connection, within the deadline.
    public static let timedOut = Self(base: .timedOut)
    /// Every connection was lent and none came back within the deadline, or too many waited already.
    public static let poolExhausted = Self(base: .poolExhausted)
    /// The server failed repeatedly a moment ago, so it was not asked.
    public static let breakerOpen = Self(base: .breakerOpen)
    /// The client or connection was closed by its owner.
    public static let closed = Self(base: .closed)
    /// A programmer's or operator's mistake: a bad URL, a command that this API cannot send.
    public static let usage = Self(base: .usage)
    /// The server's bytes made no sense; the connection was given up.
    public static let protocolViolation = Self(base: .protocolViolation)
    /// The answer is not what the caller wanted to read.
    public static let decodingFailed = Self(base: .decodingFailed)
    /// `READONLY`: a write reached a replica, as after a failover.
    public static let readOnly = Self(base: .readOnly)
    /// `LOADING`: the server reads its data into memory.
    public static let loading = Self(base: .loading)
    /// `OOM`: `maxmemory` is reached and nothing may be evicted.
    public static let outOfMemory = Self(base: .outOfMemory)
    /// `MISCONF`: the server refuses writes because it cannot save.
    public static let misconfigured = Self(base: .misconfigured)
    /// `NOAUTH`: the server wants a password and none was given.
    public static let noAuthentication = Self(base: .noAuthentication)
    /// `WRONGPASS`: user or password is wrong.
    public static let wrongPassword = Self(base: .wrongPassword)
    /// `NOPERM`: the user's ACL does not allow it.
    public static let noPermission = Self(base: .noPermission)
    /// `MOVED`, `ASK`, `CROSSSLOT`: a cluster's node wants another node asked.
    public static let moved = Self(base: .moved)
    /// `CLUSTERDOWN`, `TRYAGAIN`: the cluster cannot serve the key now.
    public static let clusterDown = Self(base: .clusterDown)
    /// `MASTERDOWN`: a replica has lost its primary and may not serve old data.
    public static let primaryDown = Self(base: .primaryDown)
    /// The Sentinels name no server that serves as the primary.
    public static let noPrimary = Self(base: .noPrimary)
    /// `NOREPLICAS`: `min-replicas-to-write` is not met.
    public static let tooFewReplicas = Self(base: .tooFewReplicas)
    /// `BUSY`: a script holds the server.
    public static let busy = Self(base: .busy)
    /// `maxclients` is reached.
    public static let tooManyClients = Self(base: .tooManyClients)
    /// `NOSCRIPT`: the server does not know the script.
    public static let noScript = Self(base: .noScript)
    /// `EXECABORT`, or a watched key changed: nothing of the transaction ran.
    public static let transactionAborted = Self(base: .transactionAborted)
    /// `WRONGTYPE`: the key holds another type of value.
    public static let wrongType = Self(base: .wrongType)
    /// More published messages waited to be read than a subscriber may keep; it was given up.
    public static let overflow = Self(base: .overflow)
    /// Any other refusal of the server.
    public static let commandFailed = Self(base: .commandFailed)
}

extension RedisError.Code.Base {
    var isOutage: Bool {
        switch self {
        case .usage, .closed, .decodingFailed, .noPermission, .noScript, .transactionAborted, .wrongType,
            .commandFailed, .moved, .overflow, .poolExhausted:
            false
        default: true
        }
    }
}

extension RedisError.Code {
    /// What it means in one sentence, safe to show.
    var sentence: String {
        switch self.base {
        case .nameNotFound: "The name of the Redis server leads to no address."
        case .connectionFailed: "Redis could not be reached."
        case .connectionLost: "The connection to Redis was lost."
        case .timedOut: "Redis did not answer in time."
        case .poolExhausted: "No connection to Redis became free in time."
        case .breakerOpen: "Redis failed repeatedly a moment ago and was not asked again yet."
        case .closed: "The connection to Redis is closed."
        case .usage: "Redis was used wrongly."
        case .protocolViolation: "The answer of Redis made no sense, so the connection was given up."
        case .decodingFailed: "The answer of Redis was not of the expected kind."
        case .readOnly: "Redis refused a write because this server is a replica (READONLY)."
        case .loading: "Redis is still loading its data (LOADING)."
        case .outOfMemory: "Redis refused a write because its memory is full (OOM)."
        case .misconfigured: "Redis refuses writes because it cannot save its data (MISCONF)."
        case .noAuthentication: "Redis wants a password and none was given (NOAUTH)."
        case .wrongPassword: "Redis refused the user or password (WRONGPASS)."
        case .noPermission: "The Redis user may not do that (NOPERM)."
        case .moved: "The key is on another node of the Redis cluster (MOVED)."
        case .clusterDown: "The Redis cluster cannot serve the key now (CLUSTERDOWN)."
        case .primaryDown: "The Redis replica has lost its primary (MASTERDOWN)."
        case .noPrimary: "No primary of Redis was found through the Sentinels."
        case .tooFewReplicas: "Redis refused a write because too few replicas follow it (NOREPLICAS)."
        case .busy: "Redis is busy running a script (BUSY)."
        case .tooManyClients: "Redis has reached its limit of clients (maxclients)."
        case .noScript: "Redis does not know the script (NOSCRIPT)."
        case .transactionAborted: "Redis did not run the transaction (EXECABORT)."
        case .wrongType: "The Redis key holds another type of value (WRONGTYPE)."
        case .overflow: "Messages of Redis came faster than they were read."
        case .commandFailed: "Redis refused the command."
        }
    }
}

extension RedisError.Code: CustomStringConvertible {
    /// The label.
    public var description: String { self.label }
}
