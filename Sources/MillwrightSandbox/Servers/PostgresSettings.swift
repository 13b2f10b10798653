// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The settings of a private PostgreSQL, as text of its configuration files.
struct PostgresSettings: Sendable, Hashable {
    var socketFolder: String
    var port: Int
    var listensOnLoopback: Bool
    var isDurable: Bool
    /// Whether the library of pg_stat_statements is installed: preloading one that is missing keeps the server down.
    var hasStatementStatistics: Bool
    var clusterName: String
    /// What the plan adds; it wins over what is above.
    var more: [String: String]

    /// The text of `millwright.conf`, which `postgresql.conf` includes.
    var text: String {
        self.pairs.map { "\($0) = '\($1.replacing("'", with: "''"))'\n" }.joined()
    }

    private var pairs: [(String, String)] {
        let own: [(String, String)] = [
            ("cluster_name", self.clusterName),
            ("listen_addresses", self.listensOnLoopback ? "127.0.0.1" : ""),
            ("port", "\(self.port)"),
            ("unix_socket_directories", "\"\(self.socketFolder)\""),
            ("shared_preload_libraries", self.hasStatementStatistics ? "pg_stat_statements" : ""),
            ("track_commit_timestamp", "on"),
            ("track_io_timing", "on"),
            // In the data folder, not in /dev/shm: a container gives that 64 MB, and a kill leaves files there for ever.
            ("dynamic_shared_memory_type", "mmap"),
            ("timezone", "UTC"),
            ("log_timezone", "UTC"),
            ("log_checkpoints", "off"),
        ]
        let statements = self.hasStatementStatistics ? [("pg_stat_statements.track", "top")] : []
        // The data is thrown away after the tests, so nothing waits for the disk.
        let fast = ["fsync", "synchronous_commit", "full_page_writes"].map { ($0, "off") }
        let added = self.more.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return own + statements + (self.isDurable ? [] : fast) + added
    }

    /// The text of `pg_hba.conf`: everybody who can reach the socket's folder is trusted, the loopback asks for a password
    /// and is closed to the superuser.
    static let access = """
        local all         all      trust
        local replication all      trust
        host  all         postgres 127.0.0.1/32 reject
        host  all         all      127.0.0.1/32 scram-sha-256

        """
}
