// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightPostgres

extension ERP {
    /// What to load, and where to.
    public struct LoadOptions: Sendable {
        /// What happens where the tables are there already.
        public enum Existing: Sendable {
            /// Refuse.
            case refuse
            /// Leave a finished load of the same scale and seed as it is; refuse anything else.
            case keep
            /// Drop them, where an earlier load has made them, and load anew.
            case replace
        }

        /// 1 is about 1 GB with its indexes; 0.05 is enough for a demo.
        public var scale: Double
        /// The same seed gives the same bytes.
        public var seed: UInt64
        /// The schema that gets the tables; it is made where it is missing.
        public var schema: String
        /// What happens where the tables are there already.
        public var existing: Existing

        /// Creates options.
        public init(scale: Double = 1, seed: UInt64 = 1, schema: String = "public", existing: Existing = .refuse) {
            self.scale = scale
            self.seed = seed
            self.schema = schema
            self.existing = existing
        }
    }

    /// Loads the tables, builds their indexes, vacuums, and then seeds the faults.
    ///
    /// A load that is stopped before the rows are complete leaves nothing behind; one that is stopped later leaves tables
    /// that the next load replaces when told to.
    /// - Returns: how many rows were loaded; `nil` where everything was there already and was to be kept.
    /// - Throws: ``LoadError`` where tables are in the way; `PostgresError`.
    @discardableResult
    public static func load(
        _ options: LoadOptions,
        into configuration: PostgresConfiguration,
        progress: @escaping @Sendable (LoadProgress) -> Void = { _ in }
    ) async throws -> Int? {
        guard options.scale > 0, options.scale <= 100 else { throw LoadError.badScale(options.scale) }
        var configuration = configuration
        configuration.statementTimeout = .seconds(4 * 3600)
        configuration.applicationName = "millwright loaddata"
        let load = ERPLoad(options: options, configuration: configuration, progress: progress)
        return try await load.run()
    }
}
