// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@Suite("Units")
struct UnitsTests {
    @Test(
        "Spans of time are read as people write them",
        arguments: [
            ("500ms", .milliseconds(500)), ("2s", .seconds(2)), ("5m", .seconds(300)), ("1h", .seconds(3600)),
            ("7d", .seconds(604_800)), ("1.5h", .seconds(5400)), ("1h30m", .seconds(5400)),
            ("1 h 30 min", .seconds(5400)),
            ("20", .seconds(20)), ("0", .zero), ("250 MS", .milliseconds(250)), ("10us", .microseconds(10)),
        ] as [(String, Duration)]
    )
    func durations(text: String, duration: Duration) {
        #expect(Units.duration(text) == duration)
    }

    @Test(
        "What is no span of time is refused",
        arguments: [
            "", " ", "abc", "5x", "-1s", "1h30", "s", "1..5s", "1e3s", "nan", "inf", "٣s", "1000000d", "5 5s x",
        ]
    )
    func noDurations(text: String) {
        #expect(Units.duration(text) == nil)
    }

    @Test(
        "Sizes are read in powers of 1024, with or without B",
        arguments: [
            ("620MB", 650_117_120), ("1GiB", 1_073_741_824), ("1.5 GB", 1_610_612_736), ("8192", 8192), ("8kB", 8192),
            ("512 b", 512), ("2t", 2_199_023_255_552), ("0", 0),
        ]
    )
    func sizes(text: String, bytes: Int) {
        #expect(Units.bytes(text) == bytes)
    }

    @Test("What is no size is refused", arguments: ["", "MB", "-1MB", "1MBB", "1 MB 2 kB", "9000PB", "1e9"])
    func noSizes(text: String) {
        #expect(Units.bytes(text) == nil)
    }

    @Test("What is written can be read again", arguments: ["512 bytes", "1.2 GB", "3.4 ms", "1 h 30 min"])
    func roundTrip(text: String) {
        let readable = Units.bytes(text.replacing("bytes", with: "b")) != nil || Units.duration(text) != nil

        #expect(readable)
    }

    @Test("A duration knows its seconds")
    func seconds() {
        #expect(Duration.milliseconds(1500).seconds == 1.5)
        #expect(Units.text(.milliseconds(1500)) == "1.5 s")
        #expect(Units.text(count: 1_234_567) == "1,234,567")
    }
}
