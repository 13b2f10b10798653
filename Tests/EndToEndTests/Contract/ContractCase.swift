// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What can happen to any command.
enum ContractCase: String, Sendable, CaseIterable, CustomStringConvertible {
    case succeeds
    case answersJSON
    case finds
    case serversDown
    case serversDownAsJSON
    case settingsWrong
    case optionUnknown
    case stdinClosed
    case stdoutClosed
    case readerGone
    case diskFull
    case interrupted
    case terminated
    case outOfTime

    var description: String { self.rawValue }
}
