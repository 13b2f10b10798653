// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

@_exported public import Migrations
// What a host imports: `import Millwright` brings the settings, the toolkit, the drivers, the checks and the command line.
@_exported public import MillwrightCaching
@_exported public import MillwrightCommands
@_exported public import MillwrightCore
@_exported public import MillwrightDatabase
@_exported public import MillwrightHealth
@_exported public import MillwrightPooling
@_exported public import MillwrightPostgres
@_exported public import MillwrightRedis
@_exported public import MillwrightToolkit
