// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// An error thrown by the session store.
public struct SessionError: Error, Sendable, Hashable {
    /// What went wrong; new codes can be added without breaking a caller's `switch`.
    public struct Code: Sendable, Hashable {
        private enum Base { case unavailable, cannotOpen, notSetUp, usage }
        private let base: Base

        /// Neither store could say; nobody is logged out by that.
        ///
        /// A write may have been stored all the same, but nobody was told so.
        public static let unavailable = Self(base: .unavailable)
        /// The payload cannot be read: the key it was encrypted with is missing, or it is damaged.
        public static let cannotOpen = Self(base: .cannotOpen)
        /// The tables are missing.
        public static let notSetUp = Self(base: .notSetUp)
        /// The caller did something that cannot work.
        public static let usage = Self(base: .usage)
    }

    /// What went wrong.
    public var code: Code
    /// What to know or do about it, safe to show.
    public var hint: String?
    /// What PostgreSQL or Redis said.
    public var underlying: String?

    init(_ code: Code, hint: String? = nil, underlying: (any Error)? = nil) {
        self.code = code
        self.hint = hint
        self.underlying = underlying.map { "\($0)" }
    }

    /// The row of trust is missing: no node has made it, or PostgreSQL was restored from a time before.
    static let missingRow = SessionError(.notSetUp, hint: "No node of this cache alias has started yet.")
}

extension SessionError: CustomStringConvertible {
    /// One or two sentences, safe to show anybody.
    public var description: String {
        let sentence =
            switch self.code {
            case .unavailable: "The sessions cannot be read or written now."
            case .cannotOpen: "A session's payload cannot be opened."
            case .notSetUp: "The session tables are missing; run `manage migrate`."
            default: "The session store was used wrongly."
            }
        return [sentence, self.hint, self.underlying].compactMap { $0 }.joined(separator: " ")
    }
}

extension PostgresError {
    /// Whether tables or columns of ours are missing: a migration has not been run.
    var isOfMissingTables: Bool { ["42P01", "3F000", "42703"].contains(self.sqlState) }
}
