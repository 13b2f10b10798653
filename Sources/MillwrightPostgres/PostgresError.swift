// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// An error thrown while talking to PostgreSQL.
///
/// `description` may be shown to anybody; everything that could quote a value is in `debugDescription` only.
///
/// ```swift
/// let client = PostgresClient(PostgresConfiguration("postgres://app@/erp"))
/// do {
///     try await client.execute("INSERT INTO erp_user (email) VALUES (\("a@example.org"))")
/// } catch let error as PostgresError where error.constraint == "erp_user_email_key" {
///     print("This address is taken.")
/// } catch let error as PostgresError where error.isOutage && !error.mayHaveRun {
///     print("Try again later: \(error)")
/// }
/// ```
public struct PostgresError: Error, Sendable {
    /// What went wrong; new codes can be added without breaking a caller's `switch`.
    public struct Code: Sendable, Hashable {
        private enum Base {
            case connectionFailed, connectionLost, queryFailed, timedOut, poolExhausted, closed, decodingFailed, usage
            case breakerOpen, notificationsLost, notRun
        }
        private let base: Base

        /// No connection could be made.
        public static let connectionFailed = Self(base: .connectionFailed)
        /// The connection broke while a statement ran, or while it was idle.
        public static let connectionLost = Self(base: .connectionLost)
        /// The server answered with an error; `sqlState` says which.
        public static let queryFailed = Self(base: .queryFailed)
        /// A deadline passed: for connecting, for a statement, or for a place in the pool.
        public static let timedOut = Self(base: .timedOut)
        /// Too many callers wait for the pool already.
        public static let poolExhausted = Self(base: .poolExhausted)
        /// The server has been failing, and is left in peace for a while before it is asked again.
        public static let breakerOpen = Self(base: .breakerOpen)
        /// The connection or pool was closed by its owner.
        public static let closed = Self(base: .closed)
        /// A value is not of the type asked for.
        public static let decodingFailed = Self(base: .decodingFailed)
        /// More notifications came than the buffer holds, so that some are lost.
        public static let notificationsLost = Self(base: .notificationsLost)
        /// The caller did something that cannot work.
        public static let usage = Self(base: .usage)
        /// A statement of a batch that the server did not come to, because one before it failed.
        public static let notRun = Self(base: .notRun)
    }

    /// What went wrong.
    public var code: Code
    /// The server's five-character code, where it sent one.
    public var sqlState: String?
    /// What the server or libpq said; it may quote values, so it is only in `debugDescription`.
    public var serverMessage: String?
    /// The server's detail, where it sent one.
    public var detail: String?
    /// The server's hint, where it sent one.
    public var hint: String?
    /// The schema of the table or type that the error is about, where the server named it.
    public var schema: String?
    /// The table that the error is about, where the server named it.
    public var table: String?
    /// The column that the error is about, where the server named it.
    public var column: String?
    /// The type that the error is about, where the server named it.
    public var dataType: String?
    /// The constraint that was violated, where the server named it.
    public var constraint: String?
    /// Where in the statement the error is: a character, counted from 1.
    public var position: Int?
    /// Whether the statement may have taken effect all the same: its answer was lost, or did not come in time.
    ///
    /// It is `false` where the server refused the statement, where its cancelling was confirmed, and where nothing was sent.
    public var mayHaveRun: Bool

    /// Creates an error.
    public init(
        _ code: Code,
        sqlState: String? = nil,
        serverMessage: String? = nil,
        detail: String? = nil,
        hint: String? = nil,
        mayHaveRun: Bool = false
    ) {
        self.code = code
        self.sqlState = sqlState
        self.serverMessage = serverMessage
        self.detail = detail
        self.hint = hint
        // transaction_resolution_unknown, statement_completion_unknown
        self.mayHaveRun = mayHaveRun || sqlState == "08007" || sqlState == "40003"
    }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    /// One sentence that is safe to show anybody: no SQL, no value, no server text.
    public var description: String {
        let reason = self.sqlState.flatMap(Self.reason(sqlState:)) ?? self.clientReason
        return switch self.code {
        case .connectionFailed: "PostgreSQL refused the connection: \(reason ?? "the reason is in the debug output")."
        case .connectionLost: "The connection to PostgreSQL was lost\(reason.map { ": \($0)" } ?? "")."
        case .queryFailed:
            "PostgreSQL refused a statement (SQLSTATE \(self.sqlState ?? "none"))\(reason.map { ": \($0)" } ?? "")."
        case .timedOut: "PostgreSQL did not answer in time."
        case .poolExhausted: "Every connection to PostgreSQL is in use, and too many callers wait already."
        case .breakerOpen: "PostgreSQL has been failing and is left in peace for a moment."
        case .notRun: "PostgreSQL did not run a statement, because one before it failed."
        case .closed: "The connection to PostgreSQL is closed."
        case .notificationsLost: "More notifications came from PostgreSQL than were taken, and some are lost."
        case .decodingFailed: "PostgreSQL sent a value of another type than expected\(reason.map { ": \($0)" } ?? "")."
        default: "PostgreSQL was asked for something impossible\(reason.map { ": \($0)" } ?? "")."
        }
    }

    /// Everything, with what the server said; for a developer's eyes.
    public var debugDescription: String {
        [self.description, self.serverMessage, self.detail, self.hint].compactMap { $0 }.joined(separator: " | ")
    }

    /// Plain words for the codes that people meet.
    private static func reason(sqlState: String) -> String? {
        switch sqlState {
        case "28P01", "28000": "the password or role was refused"
        case "3D000": "the database does not exist"
        case "53300": "all connection slots are taken"
        case "57P01": "an administrator ended the session, or the server shuts down"
        case "57P02": "the server crashed and restarts"
        case "57P03": "the server is starting up, shutting down or in recovery"
        case "57P05": "the session was idle too long"
        case "25006": "the server or transaction is read-only"
        case "42501": "a permission is missing"
        case "42P01": "a table does not exist"
        case "55P03": "a lock was not to be had in time"
        case "57014": "the statement was cancelled"
        case "40P01": "a deadlock was broken"
        case "53100": "the disk is full"
        default: nil
        }
    }

    /// What libpq or this driver said itself, reduced to words that hold nothing private.
    private var clientReason: String? {
        guard self.sqlState == nil, let message = self.serverMessage else { return nil }
        if self.code == .usage || self.code == .decodingFailed { return message }
        let known = [
            // what a server that was reached says comes first: others may not have been reached
            ("does not support SSL", "the server offers no TLS"),
            ("does not match host name", "the server's certificate is for another name"),
            ("root certificate file", "the root certificate file cannot be read"),
            ("certificate verify failed", "the server's certificate is signed by nobody who is trusted"),
            ("certificate", "the certificate was refused"),
            ("SSL", "TLS could not be agreed on"),
            ("is read-only", "the server is read-only, or a standby"),
            ("is not in hot standby mode", "the server is no standby"),
            ("is not read-only", "the server is not read-only"),
            ("definition of service", "the service is not defined"),
            ("no password supplied", "a password is needed"),
            ("Connection refused", "nothing listens at that address"),
            ("No such file or directory", "there is no server socket at that path"),
            ("translate host name", "the host name is unknown"),
            ("not known", "the host name is unknown"),
            ("Permission denied", "the server's socket may not be opened by this user"),
            ("server closed the connection", "the server closed it"),
            ("Network is unreachable", "the network is unreachable"),
            ("No route to host", "the host is unreachable"),
        ]
        return known.first { message.contains($0.0) }?.1
    }
}

/// A notice or warning that the server sent beside a result.
///
/// `VACUUM` of a table one does not own is a success with a warning: read them.
///
/// ```swift
/// let connection = try await PostgresConnection.connect(PostgresConfiguration("postgres://app@/erp"))
/// try await connection.execute("VACUUM erp_order")
/// let warnings = await connection.takeNotices().filter { $0.severity == "WARNING" }
/// ```
public struct PostgresNotice: Sendable, Hashable {
    /// `WARNING`, `NOTICE`, `INFO`, `LOG` or `DEBUG`.
    public var severity: String
    /// The five-character code.
    public var sqlState: String
    /// What the server said.
    public var message: String

    /// Creates a notice.
    public init(severity: String, sqlState: String, message: String) {
        self.severity = severity
        self.sqlState = sqlState
        self.message = message
    }
}

extension PostgresError {
    /// The server answered what nobody asked, or did not answer what was asked.
    static var outOfStep: Self { Self(.connectionLost, serverMessage: "the server answered out of step") }
    /// The statement is a COPY, whose rows nobody here gives or takes.
    static var copy: Self { Self(.usage, serverMessage: "COPY needs copyIn or copyOut") }
    /// The server began to send its write-ahead log.
    static var replication: Self { Self(.usage, serverMessage: "the replication protocol is not spoken here") }
}
