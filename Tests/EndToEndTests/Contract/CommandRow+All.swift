// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension CommandRow {
    /// One row a registered command, in the order of help.
    static let all: [CommandRow] = Self.looking + Self.acting + Self.project

    private static let looking = [
        CommandRow(name: "cache_stats", servers: .caches),
        CommandRow(
            name: "health_check",
            servers: .both,
            downCode: 0,
            typo: ("--fail-onn", "--fail-on"),
            exceptions: [.finds: "It judges whether servers answer, not what is in them."]
        ),
        CommandRow(
            name: "index_advisor",
            arguments: ["--workload", SampleWorkload.path],
            servers: .database,
            exceptions: [.finds: "It advises; what could be faster is no fault."]
        ),
        CommandRow(name: "index_audit", servers: .database),
        CommandRow(name: "pool_health", servers: .database),
        CommandRow(
            name: "showmigrations",
            servers: .database,
            exceptions: [.finds: "It lists; a migration that waits is no fault."]
        ),
        CommandRow(name: "slow_queries", servers: .database),
        CommandRow(name: "tune", servers: .both),
        CommandRow(name: "vacuum_schedule", servers: .database),
    ]

    private static let acting = [
        CommandRow(
            name: "clearsessions",
            servers: .database,
            changesDatabase: true,
            typo: ("--dry-rnu", "--dry-run"),
            exceptions: [.finds: "It deletes what has expired; that there was some is no fault."]
        ),
        CommandRow(
            name: "index_build",
            arguments: ["CREATE INDEX ON parcel (town)"],
            servers: .database,
            typo: ("--aply", "--apply"),
            exceptions: [.finds: "It plans and builds; `index_audit` looks."]
        ),
        CommandRow(
            name: "loaddata",
            arguments: ["erp", "--scale", "0.001"],
            servers: .database,
            changesDatabase: true,
            typo: ("--sclae", "--scale"),
            exceptions: [.finds: "It loads; what it loads is looked at by others."]
        ),
        CommandRow(
            name: "migrate",
            servers: .database,
            changesDatabase: true,
            typo: ("--paln", "--plan"),
            exceptions: [.finds: "It changes; `showmigrations` looks."]
        ),
        CommandRow(
            name: "session_failover",
            arguments: ["status"],
            exceptions: Dictionary(
                uniqueKeysWithValues: ContractCase.allCases.filter { ![.settingsWrong, .optionUnknown].contains($0) }
                    .map {
                        ($0, "It needs sessions in the settings and a node that serves them, as its own tests have.")
                    }
            )
        ),
    ]

    private static let project = [
        CommandRow(
            name: "check",
            arguments: ["--database", "default", "--cache", "default"],
            servers: .both,
            findingArguments: ["--deploy", "--set", "databases.default.url=postgres://app:secret@127.0.0.1:1/app"],
            downCode: 1,
            typo: ("--deplyo", "--deploy")
        ),
        CommandRow(
            name: "completion",
            arguments: ["bash"],
            wrongSettingsCode: 0,
            exceptions: [.finds: "It looks at nothing."]
        ),
        CommandRow(name: "help", wrongSettingsCode: 0, exceptions: [.finds: "It looks at nothing."]),
        CommandRow(
            name: "runserver",
            typo: ("--bnid", "--bind"),
            exceptions: Dictionary(
                uniqueKeysWithValues: ContractCase.allCases.filter { ![.settingsWrong, .optionUnknown].contains($0) }
                    .map { ($0, "It serves until it is told to stop, and then ends with 0.") }
            )
        ),
        CommandRow(
            name: "sandbox",
            arguments: ["status"],
            wrongSettingsCode: 0,
            exceptions: [.finds: "It looks at processes; its own tests stop some."]
        ),
        CommandRow(
            name: "settings",
            typo: ("--orign", "--origin"),
            exceptions: [.finds: "What is wrong with settings is the case of wrong settings."]
        ),
        CommandRow(name: "version", wrongSettingsCode: 0, exceptions: [.finds: "It looks at nothing."]),
    ]
}
