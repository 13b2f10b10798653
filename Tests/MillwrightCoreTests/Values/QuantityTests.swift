// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@Suite("Quantities")
struct QuantityTests {
    @Test(
        "A figure for people has its unit and no more digits than matter",
        arguments: [
            ("erp_product", "erp_product"), (12_345_678, "12,345,678"), (-1_000, "-1,000"), (true, "yes"),
            (false, "no"),
            (.number(0), "0"), (.number(1234.5), "1,235"), (.number(12.34), "12.3"), (.number(1.005), "1"),
            (.number(0.000_12), "0.00012"), (.number(.nan), "–"), (.bytes(0), "0 bytes"), (.bytes(1), "1 byte"),
            (.bytes(1023), "1023 bytes"), (.bytes(1024), "1 kB"), (.bytes(1_048_575), "1 MB"),
            (.bytes(1_288_490_189), "1.2 GB"), (.bytes(150 << 30), "150 GB"), (.bytes(-4096), "-4 kB"),
            (.bytes(.max), "8 EB"), (.share(0), "0 %"), (.share(0.125), "12.5 %"), (.share(1), "100 %"),
            (.share(0.999_4), "99.94 %"), (.share(0.999_99), "> 99.99 %"), (.share(0.000_01), "< 0.01 %"),
            (.share(1.5), "150 %"), (.share(.nan), "–"), (.perSecond(1_234.6), "1,235/s"), (.perSecond(0.5), "0.5/s"),
            (.time(0), "1970-01-01 00:00:00 UTC"), (.missing, "–"),
        ] as [(Quantity, String)]
    )
    func text(quantity: Quantity, text: String) {
        #expect(quantity.text == text)
    }

    @Test(
        "A span of time has the one or two units that matter",
        arguments: [
            (0, "0 s"), (0.000_000_5, "0.5 µs"), (0.000_35, "350 µs"), (0.000_999_9, "1 ms"), (0.003_4, "3.4 ms"),
            (0.0123, "12.3 ms"), (0.25, "250 ms"), (0.9999, "1 s"), (3.456, "3.46 s"), (59.96, "1 min"),
            (90, "1 min 30 s"),
            (3599.7, "1 h"), (3_660, "1 h 1 min"), (86_399, "1 d"), (273_600, "3 d 4 h"), (86_400 * 1500, "1,500 d"),
            (-0.003_4, "-3.4 ms"), (.infinity, "–"),
        ]
    )
    func spans(seconds: Double, text: String) {
        #expect(Quantity.seconds(seconds).text == text)
    }

    @Test(
        "A figure for programs is the plain number in the base unit",
        arguments: [
            (.bytes(1_288_490_189), "1288490189", "bytes"), (.seconds(0.003_4), "0.0034", "seconds"),
            (.share(0.125), "0.125", "share"), (.count(7), "7", "count"), (.number(2.5), "2.5", "number"),
            (.perSecond(3), "3", "per_second"), (.flag(true), "true", "flag"), (.text("a"), #""a""#, "text"),
            (.missing, "null", "missing"), (.time(1_763_724_483.25), #""2025-11-21T11:28:03.250Z""#, "time"),
            (.time(.infinity), "null", "time"),
        ] as [(Quantity, String, String)]
    )
    func json(quantity: Quantity, json: String, unit: String) {
        #expect(quantity.json.text() == json)
        #expect(quantity.unit == unit)
    }

    @Test(
        "Times follow the calendar through leap days, centuries and years before 1970",
        arguments: [
            (951_782_400, "2000-02-29 00:00:00 UTC"), (4_107_542_400, "2100-03-01 00:00:00 UTC"),
            (-1, "1969-12-31 23:59:59 UTC"), (1_735_689_599.9996, "2025-01-01 00:00:00 UTC"),
            (253_402_300_799, "9999-12-31 23:59:59 UTC"), (253_402_300_800, "–"), (.nan, "–"),
            (-62_135_596_800, "0001-01-01 00:00:00 UTC"),
        ]
    )
    func calendar(seconds: Double, text: String) {
        #expect(Quantity.time(seconds).text == text)
    }
}
