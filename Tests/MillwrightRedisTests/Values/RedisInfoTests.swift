// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightRedis

@Suite("INFO")
struct RedisInfoTests {
    private let info = RedisInfo(
        parsing: """
            # Server\r
            redis_version:7.0.15\r
            executable:/usr/bin/redis-server:odd\r
            \r
            # Memory\r
            used_memory:1048576\r
            mem_fragmentation_ratio:nan\r
            mem_clients_normal:12.5\r
            maxmemory_policy:\r
            \r
            # Commandstats\r
            cmdstat_client|list:calls=3,usec=7,usec_per_call=2.33\r
            # Keyspace\r
            db0:keys=10,expires=4,avg_ttl=1500\r
            db12:keys=1,expires=0,avg_ttl=0,subexpiry=0\r
            """
    )

    @Test("is read field by field")
    func fields() {
        #expect(self.info["redis_version"] == "7.0.15")
        #expect(self.info["executable"] == "/usr/bin/redis-server:odd")
        #expect(self.info["maxmemory_policy"] == "")
        #expect(self.info["no_such_field"] == nil)
        #expect(self.info.integer("used_memory") == 1_048_576)
        #expect(self.info.integer("redis_version") == nil)
        #expect(self.info.number("mem_clients_normal") == 12.5)
        #expect(self.info.number("mem_fragmentation_ratio") == nil)
        #expect(self.info.sections["Server"] == ["redis_version", "executable"])
    }

    @Test("tells what each database holds")
    func keyspace() {
        #expect(self.info.keyspace.count == 2)
        #expect(self.info.keyspace[0]?.keys == 10)
        #expect(self.info.keyspace[0]?.expires == 4)
        #expect(self.info.keyspace[0]?.averageTimeToLive == .milliseconds(1_500))
        #expect(self.info.keyspace[12]?.keys == 1)
        #expect(self.info.parts("cmdstat_client|list")["usec_per_call"] == "2.33")
    }

    @Test("of nothing is nothing")
    func empty() {
        #expect(RedisInfo(parsing: "").fields.isEmpty)
        #expect(RedisInfo(parsing: "\r\n# Keyspace\r\nno colon here\r\n").fields.isEmpty)
    }
}
