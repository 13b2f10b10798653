// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension ERP {
    /// Everything that is wrong on purpose: the end-to-end test finds each of them, and nothing else.
    public static let seededFaults: [SeededFault] = Self.indexFaults + Self.tableFaults + Self.workloadFaults

    private static let indexFaults = [
        SeededFault(
            "indexes.E001",
            "erp_salesorder_status_date_idx",
            "A deploy's time limit ended the build while it waited for a report that had begun before it: every write keeps "
                + "the index up to date, and no statement may use it.",
            .interruptedBuild,
            ["CREATE INDEX CONCURRENTLY erp_salesorder_status_date_idx ON erp_salesorder (status, date)"],
            failingWith: "57014"
        ),
        SeededFault(
            "indexes.W002",
            "erp_customer_tenant_id_phone_key",
            "Somebody wanted phone numbers to be unique, and they are not: the build failed and left its remains.",
            .beforeVacuum,
            ["CREATE UNIQUE INDEX CONCURRENTLY erp_customer_tenant_id_phone_key ON erp_customer (tenant_id, phone)"],
            failingWith: "23505"
        ),
        SeededFault(
            "indexes.W010",
            "erp_salesorder_number_idx",
            "The column was declared unique and indexed: the constraint has the same index already.",
            .beforeVacuum,
            ["CREATE UNIQUE INDEX erp_salesorder_number_idx ON erp_salesorder (number)"]
        ),
        SeededFault(
            "indexes.W011",
            "erp_salesorder_customer_id_idx",
            "The framework made an index for the foreign key; the one on customer and date came later and serves both.",
            .beforeVacuum,
            ["CREATE INDEX erp_salesorder_customer_id_idx ON erp_salesorder (customer_id)"]
        ),
        SeededFault(
            "indexes.W020",
            "erp_stocktransaction_reference_idx",
            "It was made for a search form that was never built.",
            .beforeVacuum,
            ["CREATE INDEX erp_stocktransaction_reference_idx ON erp_stocktransaction (reference)"]
        ),
        SeededFault(
            "indexes.W050",
            "tasks_updated_idx",
            "Archived tasks were deleted: the table gave its pages back, the index kept them, nearly empty.",
            .withSchema
        ),
        SeededFault(
            "indexes.W030",
            "activities_task_id_fkey",
            "Activities of a deleted task go with it, and are looked for by reading the whole table.",
            .withSchema
        ),
        SeededFault(
            "indexes.W040",
            "erp_stocktransaction (product_id, created)",
            "The history of a product is asked for all day, and no index knows the product.",
            .withWorkload
        ),
    ]

    private static let tableFaults = [
        SeededFault(
            "vacuum.W003",
            "activities",
            "A migration switched autovacuum off for an import; then the oldest quarter was deleted.",
            .afterVacuum,
            [
                """
                DELETE FROM activities
                WHERE id <= (SELECT max(id) FROM activities) / 4
                """,
                "ANALYZE activities",
            ]
        ),
        SeededFault(
            "sequences.E002",
            "erp_orderitem_id_seq",
            "The sequence was made bigint, the column it fills was not: 93 % of its numbers are gone.",
            .afterVacuum,
            ["SELECT setval('erp_orderitem_id_seq', 1997159792)"]
        ),
    ]

    private static let workloadFaults = [
        SeededFault(
            "queries.W001",
            "query",
            "The low-stock report adds the ledger up once a product.",
            .withWorkload
        ),
        SeededFault(
            "locks.W010",
            "session",
            "A script opened a transaction, changed a warehouse and went to lunch.",
            .withWorkload
        ),
        SeededFault(
            "caches.I001",
            "default:product",
            "One group takes most of the reads, and the most read of it never changes.",
            .withWorkload
        ),
        SeededFault(
            "caches.W001",
            "default:search",
            "Search results are cached under what was typed, and nobody types the same twice.",
            .withWorkload
        ),
    ]
}
