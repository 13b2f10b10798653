// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// An error thrown while private servers are made, started, stopped or disturbed.
///
/// Its three sentences are meant for people, and hold no secret: what was tried, what stopped it, what to do next.
public struct SandboxError: Error, Sendable, Hashable {
    /// What went wrong; new codes can be added without breaking a caller's `switch`.
    public struct Code: Sendable, Hashable {
        private enum Base: Hashable {
            case programMissing, folderUnusable, portTaken, locked, startFailed, stopFailed, timedOut, unknownServer
        }
        private var base: Base

        /// A program that the sandbox needs is not installed.
        public static let programMissing = Self(base: .programMissing)
        /// The folder cannot be made, written or trusted.
        public static let folderUnusable = Self(base: .folderUnusable)
        /// The port that was asked for is in use.
        public static let portTaken = Self(base: .portTaken)
        /// Another start or stop of the same sandbox is at work.
        public static let locked = Self(base: .locked)
        /// A server did not come up.
        public static let startFailed = Self(base: .startFailed)
        /// A server could not be stopped.
        public static let stopFailed = Self(base: .stopFailed)
        /// A program did not answer within its deadline.
        public static let timedOut = Self(base: .timedOut)
        /// The sandbox has no server of that name, or it does not run.
        public static let unknownServer = Self(base: .unknownServer)
    }

    /// What went wrong.
    public var code: Code
    /// What was tried, one sentence.
    public var tried: String
    /// What stopped it, with the last lines of the server's log where there is one.
    public var stopped: String
    /// What to do next, one sentence.
    public var next: String

    /// Creates an error from its three sentences.
    public init(_ code: Code, tried: String, stopped: String, next: String) {
        self.code = code
        self.tried = tried
        self.stopped = stopped
        self.next = next
    }
}

extension SandboxError: CustomStringConvertible {
    /// The three sentences, one per line.
    public var description: String { "\(self.tried)\n\(self.stopped)\n\(self.next)" }
}
