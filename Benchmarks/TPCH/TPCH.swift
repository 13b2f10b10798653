// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting

/// The decision-support data of TPC-H at scale 1, with primary keys only, on a private server.
///
/// `scripts/bench-index` makes the data with tpchgen-cli and names the folder.
enum TPCH {
    /// Where the `.tbl` files are.
    static let folder = ".build/bench/tpch"

    /// Whether there is data, or a server that has it.
    static var isThere: Bool {
        ProcessInfo.processInfo.environment["MILLWRIGHT_TPCH_URL"] != nil
            || FileManager.default.fileExists(atPath: "\(Self.folder)/complete")
    }

    /// The workload: the 19 queries.
    static func queries() throws -> String {
        try String(contentsOfFile: "Benchmarks/TPCH/queries.sql", encoding: .utf8)
    }

    /// Runs something with the URL of a server that has the data: the one that `MILLWRIGHT_TPCH_URL` names, or a new one.
    static func lend<Value: Sendable>(_ body: (String) async throws -> Value) async throws -> Value {
        if let url = ProcessInfo.processInfo.environment["MILLWRIGHT_TPCH_URL"] { return try await body(url) }
        let servers = try await TestServers.private(.postgresOnly)
        let result: Result<Value, any Error>
        do {
            try await Self.load(servers.superuserURL)
            result = .success(try await body(servers.superuserURL))
        } catch {
            result = .failure(error)
        }
        try await servers.remove()
        return try result.get()
    }

    private static func load(_ url: String) async throws {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(url))
        try await connection.run(script: Self.schema)
        for table in Self.keys.keys.sorted() { try await Self.load(table, on: connection) }
        for (table, key) in Self.keys.sorted(by: { $0.key < $1.key }) {
            try await connection.run(script: "ALTER TABLE \(table) ADD PRIMARY KEY (\(key))", timeout: .seconds(300))
        }
        try await connection.run(script: "VACUUM ANALYZE", timeout: .seconds(600))
        await connection.close()
    }

    /// The lines end with a separator that COPY does not take.
    private static func load(_ table: String, on connection: PostgresConnection) async throws {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: "\(Self.folder)/\(table).tbl"))
        var rest: [UInt8] = []
        var isOver = false
        let copy = SQL(unsafe: "COPY \(table) FROM STDIN (DELIMITER '|')")
        _ = try await connection.copyIn(copy, timeout: .seconds(600)) {
            while !isOver {
                let read = try file.read(upToCount: 1 << 20) ?? Data()
                isOver = read.isEmpty
                let bytes = rest + Array(read)
                let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
                rest = Array(bytes[end...])
                guard end > 0 else { continue }
                return Self.withoutLastSeparators(bytes[..<end])
            }
            return nil
        }
        try file.close()
    }

    private static func withoutLastSeparators(_ lines: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(lines.count)
        for byte in lines {
            if byte == UInt8(ascii: "\n"), result.last == UInt8(ascii: "|") { result.removeLast() }
            result.append(byte)
        }
        return result
    }

    private static let keys = [
        "nation": "n_nationkey", "region": "r_regionkey", "part": "p_partkey", "supplier": "s_suppkey",
        "partsupp": "ps_partkey, ps_suppkey", "customer": "c_custkey", "orders": "o_orderkey",
        "lineitem": "l_orderkey, l_linenumber",
    ]

    private static let schema = """
        CREATE EXTENSION IF NOT EXISTS hypopg;
        CREATE TABLE nation (n_nationkey int NOT NULL, n_name char(25) NOT NULL, n_regionkey int NOT NULL,
            n_comment varchar(152));
        CREATE TABLE region (r_regionkey int NOT NULL, r_name char(25) NOT NULL, r_comment varchar(152));
        CREATE TABLE part (p_partkey int NOT NULL, p_name varchar(55) NOT NULL, p_mfgr char(25) NOT NULL,
            p_brand char(10) NOT NULL, p_type varchar(25) NOT NULL, p_size int NOT NULL, p_container char(10) NOT NULL,
            p_retailprice decimal(15,2) NOT NULL, p_comment varchar(23) NOT NULL);
        CREATE TABLE supplier (s_suppkey int NOT NULL, s_name char(25) NOT NULL, s_address varchar(40) NOT NULL,
            s_nationkey int NOT NULL, s_phone char(15) NOT NULL, s_acctbal decimal(15,2) NOT NULL,
            s_comment varchar(101) NOT NULL);
        CREATE TABLE partsupp (ps_partkey int NOT NULL, ps_suppkey int NOT NULL, ps_availqty int NOT NULL,
            ps_supplycost decimal(15,2) NOT NULL, ps_comment varchar(199) NOT NULL);
        CREATE TABLE customer (c_custkey int NOT NULL, c_name varchar(25) NOT NULL, c_address varchar(40) NOT NULL,
            c_nationkey int NOT NULL, c_phone char(15) NOT NULL, c_acctbal decimal(15,2) NOT NULL,
            c_mktsegment char(10) NOT NULL, c_comment varchar(117) NOT NULL);
        CREATE TABLE orders (o_orderkey int NOT NULL, o_custkey int NOT NULL, o_orderstatus char(1) NOT NULL,
            o_totalprice decimal(15,2) NOT NULL, o_orderdate date NOT NULL, o_orderpriority char(15) NOT NULL,
            o_clerk char(15) NOT NULL, o_shippriority int NOT NULL, o_comment varchar(79) NOT NULL);
        CREATE TABLE lineitem (l_orderkey int NOT NULL, l_partkey int NOT NULL, l_suppkey int NOT NULL,
            l_linenumber int NOT NULL, l_quantity decimal(15,2) NOT NULL, l_extendedprice decimal(15,2) NOT NULL,
            l_discount decimal(15,2) NOT NULL, l_tax decimal(15,2) NOT NULL, l_returnflag char(1) NOT NULL,
            l_linestatus char(1) NOT NULL, l_shipdate date NOT NULL, l_commitdate date NOT NULL,
            l_receiptdate date NOT NULL, l_shipinstruct char(25) NOT NULL, l_shipmode char(10) NOT NULL,
            l_comment varchar(44) NOT NULL)
        """
}
