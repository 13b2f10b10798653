// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@Suite("JSON values")
struct JSONValueTests {
    @Test("Members keep the order in which they were written, and empty containers stay on one line")
    func order() {
        let value: JSONValue = ["zebra": 1, "ant": [true, nil], "none": [], "nothing": [:]]

        #expect(value.text(pretty: false) == #"{"zebra":1,"ant":[true,null],"none":[],"nothing":{}}"#)
        #expect(
            value.text() == """
                {
                  "zebra": 1,
                  "ant": [
                    true,
                    null
                  ],
                  "none": [],
                  "nothing": {}
                }
                """
        )
    }

    @Test(
        "Words are escaped as RFC 8259 wants, and what steers a terminal too",
        arguments: [
            (#"say "hi" \ back"#, #""say \"hi\" \\ back""#),
            ("a\nb\r\nc\td", #""a\nb\r\nc\td""#),
            ("\u{1B}[31m\u{0}\u{7F}\u{9B}", #""\u001b[31m\u0000\u007f\u009b""#),
            ("\u{202E}evil\u{2028}", #""\u202eevil\u2028""#),
            ("naïve 日本 👩‍🔧 </script>", #""naïve 日本 👩‍🔧 </script>""#),
            ("", #""""#),
        ]
    )
    func escapes(text: String, json: String) {
        #expect(JSONValue.string(text).text() == json)
    }

    @Test(
        "Numbers are plain digits that read back as the same number",
        arguments: [
            (0.1, "0.1"), (1, "1"), (-2.5, "-2.5"), (1e-5, "0.00001"), (1.25e-7, "0.000000125"),
            (1e16, "10000000000000000"),
            (1.234e20, "123400000000000000000"),
            (-Double.leastNonzeroMagnitude, "-0." + String(repeating: "0", count: 323) + "5"),
            (0, "0"), (123_456.789, "123456.789"), (0.1 + 0.2, "0.30000000000000004"),
        ]
    )
    func numbers(number: Double, json: String) {
        #expect(JSONValue.double(number).text() == json)
        #expect(Double(json) == number)
    }

    @Test("A number that is not finite is null", arguments: [Double.nan, .infinity, -.infinity])
    func notFinite(number: Double) {
        #expect(JSONValue.double(number).text() == "null")
    }

    @Test("A member is found by its key, and values compare by content and order")
    func members() {
        let value: JSONValue = ["a": 1, "b": "two"]

        #expect(value["b"] == "two")
        #expect(value["c"] == nil)
        #expect(JSONValue.array([1])["a"] == nil)
        #expect(value == .object([("a", 1), ("b", "two")]))
        #expect(value != ["b": "two", "a": 1])
        #expect(JSONValue.optional(nil as String?) == .null)
        #expect(Set([value, value, .null]).count == 2)
    }
}
