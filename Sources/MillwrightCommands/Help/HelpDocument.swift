// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCore

/// Help for programs: what `--format json` answers where a person gets a page.
struct HelpDocument: Sendable {
    let program: String
    let registry: CommandRegistry

    /// One command with its options, or the list of all.
    func document(of type: (any ManagementCommand.Type)?) -> JSONValue {
        let members: [(key: String, value: JSONValue)] =
            type.map { Self.members(of: $0) + Self.details(CommandOutline($0)) } ?? [("apps", self.apps)]
        return .object(
            [
                ("schema", .string("https://millwright.dev/schema/help/v1")),
                ("program", .string(self.program)),
            ] + members + [("global_options", .array(GlobalOption.all.map(Self.option)))]
        )
    }

    private var apps: JSONValue {
        .array(
            self.registry.apps.map { app in
                let commands = app.commands.filter { $0.configuration.shouldDisplay }
                return .object([
                    ("label", .string(app.label)),
                    ("title", .string(app.title)),
                    ("commands", .array(commands.map { .object(Self.members(of: $0)) })),
                ])
            }
        )
    }

    private static func members(of type: any ManagementCommand.Type) -> [(key: String, value: JSONValue)] {
        [
            ("name", .string(type.name)), ("kind", .string("\(type.kind)")),
            ("abstract", .string(type.configuration.abstract)),
        ]
    }

    private static func details(_ outline: CommandOutline) -> [(key: String, value: JSONValue)] {
        let parts = (outline.subcommands ?? []).filter { $0.commandName != "help" }
        return [
            ("arguments", .array(outline.positionals.map(Self.argument))),
            ("options", .array(outline.options.map(Self.argument))),
            (
                "parts",
                .array(
                    parts.map { part in
                        .object(
                            [("name", .string(part.commandName)), ("abstract", .optional(part.abstract))]
                                + Self.details(part)
                        )
                    }
                )
            ),
        ]
    }

    private static func argument(_ argument: CommandOutline.Argument) -> JSONValue {
        .object([
            ("names", .array((argument.names ?? []).map { .string($0.typed) })),
            ("value", argument.kind == "flag" ? .null : .optional(argument.valueName)),
            ("values", .array((argument.allValues ?? []).map { .string($0) })),
            ("abstract", .optional(argument.abstract)),
        ])
    }

    private static func option(_ option: GlobalOption) -> JSONValue {
        .object([
            ("names", .array(option.names.map { .string($0) })),
            ("value", .optional(option.value)),
            ("values", .array(option.values.map { .string($0) })),
            ("abstract", .string(option.abstract)),
        ])
    }
}
