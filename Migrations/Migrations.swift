// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Millwright's own migrations: the table of contents of `Migrations/sql`.
public enum Migrations {
    /// The label of Millwright's own app.
    public static let label = "millwright"

    /// All of them, in order.
    public static let all: [Migration] = [
        Self.migration(
            1,
            "create_schema",
            PackageResources.m0001_create_schema_up_sql,
            PackageResources.m0001_create_schema_down_sql
        ),
        Self.migration(
            2,
            "create_samples",
            PackageResources.m0002_create_samples_up_sql,
            PackageResources.m0002_create_samples_down_sql
        ),
        Self.migration(
            3,
            "create_index_history",
            PackageResources.m0003_create_index_history_up_sql,
            PackageResources.m0003_create_index_history_down_sql
        ),
        Self.migration(
            4,
            "create_findings",
            PackageResources.m0004_create_findings_up_sql,
            PackageResources.m0004_create_findings_down_sql
        ),
        Self.migration(
            5,
            "create_journal",
            PackageResources.m0005_create_journal_up_sql,
            PackageResources.m0005_create_journal_down_sql
        ),
        Self.migration(
            6,
            "create_schedules",
            PackageResources.m0006_create_schedules_up_sql,
            PackageResources.m0006_create_schedules_down_sql
        ),
        Self.migration(
            7,
            "create_sessions",
            PackageResources.m0007_create_sessions_up_sql,
            PackageResources.m0007_create_sessions_down_sql
        ),
        Self.migration(
            8,
            "tell_indexes_apart",
            PackageResources.m0008_tell_indexes_apart_up_sql,
            PackageResources.m0008_tell_indexes_apart_down_sql
        ),
        Self.migration(
            9,
            "find_ended_sessions",
            PackageResources.m0009_find_ended_sessions_up_sql,
            PackageResources.m0009_find_ended_sessions_down_sql
        ),
        Self.migration(
            10,
            "tell_runs_apart",
            PackageResources.m0010_tell_runs_apart_up_sql,
            PackageResources.m0010_tell_runs_apart_down_sql
        ),
    ]

    /// Millwright's own app, the first that is migrated: the others' rows stand in its table.
    public static let app = MigrationApp(label: Self.label, migrations: Self.all)

    private static func migration(_ number: Int, _ name: String, _ up: [UInt8], _ down: [UInt8]) -> Migration {
        Migration(
            app: Self.label,
            number: number,
            name: name,
            up: String(decoding: up, as: UTF8.self),
            down: String(decoding: down, as: UTF8.self)
        )
    }
}
