// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// A table of Millwright's own schema, found through the catalogs: `to_regclass` fails where the schema is closed to the role.
enum OwnTable {
    /// SQL for its oid, NULL where it is not there.
    static func oid(_ name: String) -> SQL {
        """
        (SELECT c.oid FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
         WHERE n.nspname = 'millwright' AND c.relname = \(name))
        """
    }

    /// SQL for whether the role may do with it what `rights` names.
    static func isOpen(_ name: String, to rights: String) -> SQL {
        """
        coalesce(pg_catalog.has_schema_privilege(pg_catalog.to_regnamespace('millwright'), 'USAGE')
                 AND pg_catalog.has_table_privilege(\(Self.oid(name)), \(rights)), false)
        """
    }
}
