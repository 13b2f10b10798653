// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightToolkit

@Suite("Addresses without their passwords")
struct ServerURLTests {
    @Test(
        "Passwords are hidden wherever an address can hold one",
        arguments: [
            ("postgres://app@db/erp", "postgres://app@db/erp"),
            ("postgres://app:pw@db:5432/erp?sslmode=require", "postgres://app:***@db:5432/erp?sslmode=require"),
            ("postgres://app:p@ss/w?rd@db/erp", "postgres://app:***@db/erp"),
            ("postgres://app:@db/erp", "postgres://app:***@db/erp"),
            ("postgres://db/erp?user=a&password=pw", "postgres://db/erp?user=a&password=***"),
            ("postgres://h/d?password=pw&user=a@b", "postgres://h/d?password=***&user=a@b"),
            ("postgres://h/d?password=pw&options=a:b@c", "postgres://h/d?password=***&options=a:***@c"),
            ("redis://pw@h/1", "redis://***@h/1"),
            ("postgres:///erp?host=/run/postgresql", "postgres:///erp?host=/run/postgresql"),
            ("redis://:pw@h:6379/1", "redis://:***@h:6379/1"),
            ("host=db password=pw dbname=erp", "host=db password=*** dbname=erp"),
            ("host=db password='p w\\' x' dbname=erp", "host=db password=*** dbname=erp"),
            ("host=db password = pw dbname=erp", "host=db password =*** dbname=erp"),
            ("host=db dbname=erp", "host=db dbname=erp"),
        ]
    )
    func redacted(address: String, shown: String) {
        #expect(ServerURL.redacted(address) == shown)
    }

    @Test(
        "A password over the network without TLS is noticed",
        arguments: [
            ("postgres://u:p@db/erp", true),
            ("postgres://u:p@db/erp?sslmode=prefer", true),
            ("postgres://u:p@db/erp?sslmode=verify-full", false),
            ("postgres://u@db/erp", false),
            ("postgres://u:p@localhost/erp", false),
            ("postgres://u:p@127.0.0.1:5432/erp", false),
            ("postgres://u:p@[::1]:5432/erp", false),
            ("postgres://u:p@%2Frun%2Fpostgresql/erp", false),
            ("postgres:///erp?host=/run&password=p", false),
            ("host=db password=p", true),
            ("host=/run password=p", false),
            ("password=p dbname=x", false),
        ]
    )
    func plainText(address: String, isPlain: Bool) throws {
        let settings = try Settings.read(file: nil, environment: ["DATABASE_URL": address]).get()

        #expect(settings.databases["default"]?.sendsPasswordInPlainText == isPlain)
    }
}

@Suite("Texts without the passwords of addresses")
struct RedactionTests {
    @Test(
        "An address in a sentence loses its password, the sentence stays",
        arguments: [
            ("Use `postgres://u:pw@h/d`, please.", "Use `postgres://u:***@h/d`, please."),
            ("two: redis://:a@h unix:///x?password=b end", "two: redis://:***@h unix:///x?password=*** end"),
            ("host=db password=pw dbname=x", "host=db password=*** dbname=x"),
            ("a=b is fine", "a=b is fine"),
            ("nothing to hide", "nothing to hide"),
        ]
    )
    func scrubbed(text: String, shown: String) {
        #expect(Redaction.scrubbed(text) == shown)
    }
}
