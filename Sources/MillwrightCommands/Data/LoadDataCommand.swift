// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import Fixtures
import MillwrightCore
import MillwrightPostgres
import MillwrightToolkit

/// `manage loaddata`: fills a database with an ERP that has real faults, and lets people work on it.
struct LoadDataCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "loaddata",
        abstract: "Load an ERP with real faults, and run a workload on it.",
        discussion: """
            `loaddata erp --scale 0.05` loads, `loaddata --workload 60s` works on what is loaded, and both can be done in one \
            go. The same seed gives the same data. Tables that no load has made are never dropped.
            """
    )
    static var kind: CommandKind { .act }

    @Argument(help: ArgumentHelp("What to load: erp.", valueName: "fixture"))
    var fixture: String?

    @Option(help: ArgumentHelp("How much to load: 1 is about 1 GB, 0.05 is enough for a demo.", valueName: "scale"))
    var scale = 1.0

    @Option(help: ArgumentHelp("The same seed gives the same data.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("The schema that has the tables or gets them.", valueName: "name"))
    var schema = "public"

    @Flag(help: "Drop what an earlier load has made, and load anew.")
    var replace = false

    @Flag(help: "Leave a finished load of the same scale and seed as it is.")
    var keep = false

    @Option(
        help: ArgumentHelp("Work on it for this long: 60s, 5m.", valueName: "time"),
        transform: TimeArgument.parse
    )
    var workload: Duration?

    @Option(help: ArgumentHelp("How many clients work at the same time.", valueName: "number"))
    var clients = 8

    @Option(
        help: ArgumentHelp(
            "Hold a transaction open for this long, idle: the fault that no table shows.",
            valueName: "time"
        ),
        transform: TimeArgument.parse
    )
    var holdTransaction: Duration?

    func run(in context: CommandContext) async throws -> ExitCode {
        let settings = try context.toolkit.databaseSettings(context.globals.database)
        let run = FixtureRun(command: self, context: context, database: PostgresConfiguration(settings))
        if self.replace {
            try context.confirm("Drop the tables that an earlier load has made in schema \(self.schema)?")
        }
        let sections = try await run.sections()
        return context.finish(
            Report(
                command: "loaddata",
                title: self.fixture == nil ? "Workload" : "Fixture erp",
                createdAt: Now.seconds,
                sections: sections
            )
        )
    }

    func validate() throws {
        if let fixture, fixture != "erp" { throw ValidationError("There is no fixture `\(fixture)`; there is: erp.") }
        if self.fixture == nil, self.workload == nil, self.holdTransaction == nil {
            throw ValidationError(
                "Say what to load, as in `loaddata erp`, or what to do, as in `loaddata --workload 60s`."
            )
        }
        if self.replace, self.keep { throw ValidationError("Choose one of `--replace` and `--keep`.") }
        if !(1...1000).contains(self.clients) { throw ValidationError("Between 1 and 1000 clients can work.") }
        if !(self.scale > 0 && self.scale <= 100) { throw ValidationError("The scale is above 0 and up to 100.") }
    }
}

/// A span of time on the command line.
enum TimeArgument {
    static func parse(_ text: String) throws -> Duration {
        guard let time = Units.duration(text), time > .zero else {
            throw ValidationError("`\(text)` is no time; write 60s, 5m or 1h.")
        }
        return time
    }
}
