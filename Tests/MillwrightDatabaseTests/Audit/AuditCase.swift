// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One labelled piece of a database: what it is, how it is made, and what an audit must say of it.
struct AuditCase: Sendable {
    /// What it shows, as a sentence.
    var label: String
    /// Makes it, as its owner, in the schema `audit`.
    var sql: String
    /// What must be found, as `id name`; empty where nothing may be.
    var finds: Set<String>
    /// What only the superuser can do, such as marking an index as pg_upgrade would.
    var asSuperuser = ""
    /// Statements that run by themselves and are meant to fail.
    var failing: [String] = []

    init(_ label: String, _ sql: String, finds: Set<String> = [], asSuperuser: String = "", failing: [String] = []) {
        self.label = label
        self.sql = sql
        self.finds = finds
        self.asSuperuser = asSuperuser
        self.failing = failing
    }

    static let all = Self.duplicates + Self.covered + Self.invalid + Self.unused + Self.foreignKeys + Self.sizes

    /// The findings that rest on counters, which a crash wipes.
    static let countedIDs: Set = ["indexes.W020", "indexes.W070", "indexes.I071"]

    /// What every case may use.
    static let preparation = """
        CREATE SCHEMA audit AUTHORIZATION app;
        SET search_path = audit;
        CREATE FUNCTION scan(relation regclass, condition text, times int) RETURNS void LANGUAGE plpgsql
        SET enable_seqscan = off SET search_path = audit AS $$
        BEGIN
            FOR i IN 1..times LOOP EXECUTE format('SELECT count(*) FROM %s WHERE %s', relation, condition); END LOOP;
        END $$;
        CREATE FUNCTION mark_invalid(index regclass) RETURNS void LANGUAGE sql AS
            'UPDATE pg_catalog.pg_index SET indisvalid = false WHERE indexrelid = index';
        """
}
