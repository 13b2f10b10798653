// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

@_exported public import ArgumentParser
public import MillwrightCore

/// What a command's end means.
///
/// ArgumentParser has a type of the same name. It comes with this module, whose own name wins: do not import it again beside
/// Millwright, or write `MillwrightCore.ExitCode`.
public typealias ExitCode = MillwrightCore.ExitCode

/// A management command: a small struct with `@Option`s and `@Flag`s that does one thing.
///
/// ```swift
/// import MillwrightPostgres
///
/// struct PageCount: ManagementCommand {
///     static let configuration = CommandConfiguration(commandName: "page_count", abstract: "Count the pages.")
///
///     @Flag(help: "Count archived pages, too.")
///     var archived = false
///
///     func run(in context: CommandContext) async throws -> ExitCode {
///         let sql: SQL = "SELECT count(*) FROM page WHERE \(self.archived) OR NOT is_archived"
///         let (count,) = try await context.database().query(sql, as: Int.self)[0]
///         context.stdout.writeLine("\(count)")
///         return .ok
///     }
/// }
/// ```
///
/// Global options (`--format`, `--database` …) are read before the command sees its own; a command must not declare an
/// option of the same name.
public protocol ManagementCommand: AsyncParsableCommand, Sendable {
    /// Under which heading help lists it.
    static var kind: CommandKind { get }
    /// What it needs of the settings.
    static var settingsUse: SettingsUse { get }
    /// The tags of the system checks that run before it; an error among them keeps it from running.
    static var requiredChecks: [CheckTag] { get }

    /// Does the work and says how it ended; thrown errors are written for people by the caller.
    func run(in context: CommandContext) async throws -> ExitCode
    /// The code to end with where it could not do its work: for a command that speaks the codes of another program.
    func exitCode(ofError code: ExitCode) -> ExitCode
    /// The most that all of it may take, where `--timeout` says a time; `nil` where it keeps to that by itself, in a part of its work.
    func wholeTimeout(_ timeout: Duration?) -> Duration?
    /// Whether it writes several JSON documents, each a line: then the error that ends it is one line, too.
    var writesLines: Bool { get }
}

extension ManagementCommand {
    /// `.project`.
    public static var kind: CommandKind { .project }
    /// `.required`.
    public static var settingsUse: SettingsUse { .required }
    /// None.
    public static var requiredChecks: [CheckTag] { [] }

    /// The table's own.
    public func exitCode(ofError code: ExitCode) -> ExitCode { code }
    /// That time.
    public func wholeTimeout(_ timeout: Duration?) -> Duration? { timeout }
    /// No.
    public var writesLines: Bool { false }

    /// The name people type.
    public static var name: String { Self.configuration.commandName ?? Self._commandName }
}

/// Under which heading help lists a command.
public enum CommandKind: String, Sendable, Hashable, CaseIterable {
    /// Looks; where it can change something as well, that takes `--apply`.
    case look = "Look (changes nothing without --apply)"
    /// Is there to change the database or the cache.
    case act = "Act (changes the database)"
    /// Everything about the project itself.
    case project = "Project"
}

/// What a command needs of the settings.
public enum SettingsUse: Sendable, Hashable {
    /// They must be right, or the command does not run (exit 78).
    case required
    /// They are read; if they are wrong the command says so on stderr and runs.
    case optional
    /// They are not read.
    case unused
}
