// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// An error thrown while talking to Redis.
///
/// ```swift
/// let client = RedisClient(try RedisConfiguration("redis://127.0.0.1"))
/// do {
///     try await client.set("visits", 1)
/// } catch let error as RedisError where error.code == .readOnly {
///     print("this server is a replica now:", error)
/// } catch let error as RedisError where error.mayHaveRun {
///     print("nobody knows whether it is stored:", error)
/// }
/// ```
public struct RedisError: Error, Sendable, Hashable {
    /// What went wrong; new codes can be added without breaking a caller's `switch`.
    public struct Code: Sendable, Hashable {
        let base: Base

        /// What the code is called, for logs, metrics and JSON: permanent, from a closed set.
        public var label: String { self.base.rawValue }
    }

    /// What went wrong.
    public var code: Code
    /// The first word of the server's answer, such as `READONLY`, where the server refused.
    public var serverPrefix: String?
    /// The server's or the system's own words: they can quote keys and values, so they are not shown to everybody.
    public var serverMessage: String?
    /// What to know or do about it, safe to show.
    public var hint: String?
    /// Whether the command may have taken effect although it failed: it had been sent when its answer failed to come.
    public var mayHaveRun: Bool
    /// Where it was thrown.
    public var file: String
    /// Where it was thrown.
    public var line: Int

    /// Creates an error.
    public init(
        _ code: Code,
        serverPrefix: String? = nil,
        serverMessage: String? = nil,
        hint: String? = nil,
        mayHaveRun: Bool = false,
        file: String = #fileID,
        line: Int = #line
    ) {
        self.code = code
        self.serverPrefix = serverPrefix
        self.serverMessage = serverMessage
        self.hint = hint
        self.mayHaveRun = mayHaveRun
        self.file = file
        self.line = line
    }

    static func cannotDecode(_ value: RedisValue, as wanted: String) -> RedisError {
        RedisError(.decodingFailed, hint: "Expected \(wanted), got \(value.kind).")
    }
}

extension RedisError: CustomStringConvertible, CustomDebugStringConvertible {
    /// One or two sentences, safe to show anybody: no host, key, value or server text.
    public var description: String {
        [self.code.sentence, self.hint].compactMap { $0 }.joined(separator: " ")
    }

    /// Everything there is, for `--traceback` and debug logs.
    public var debugDescription: String {
        [self.description, self.serverMessage, "\(self.file):\(self.line)"].compactMap { $0 }.joined(separator: " ")
    }
}

extension RedisError {
    /// Whether it says something about the server or the way to it, rather than about this one command: what a breaker counts
    /// and what fails over.
    public var isOutage: Bool { self.code.base.isOutage }
}
