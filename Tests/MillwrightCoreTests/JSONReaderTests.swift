// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@Suite("Reading JSON")
struct JSONReaderTests {
    @Test(
        "What was written is read back, in the same order",
        arguments: [
            #"{"b":1,"a":[true,false,null,-2.5,"x"],"c":{}}"#, "[]", "3", #""\u00e9\n\"\\""#, "[[[]],{}]", "-0.125",
        ]
    )
    func roundTrips(text: String) throws {
        let value = try #require(JSONValue(parsing: text))

        #expect(try #require(JSONValue(parsing: value.text(pretty: false))) == value)
        #expect(try #require(JSONValue(parsing: value.text(pretty: true))) == value)
    }

    @Test("Escapes of all kinds are read, surrogate pairs too")
    func escapes() {
        #expect(JSONValue(parsing: #""\u0041\ud83d\ude00\t\/""#) == .string("A😀\t/"))
        #expect(JSONValue(parsing: " {\n\"a\" :\t1 } ")?["a"] == .int(1))
    }

    @Test(
        "What is no JSON is nothing",
        arguments: [
            "", "{", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "tru", "nul", "1 2", "null 1", "[1", "\"open", "\"\\x\"",
            "\"a\nb\"", "--1",
            "[1}", "\"\\u00g0\"", "\"\\u+123\"", "\"\\u12\"",
        ]
    )
    func malformed(text: String) {
        #expect(JSONValue(parsing: text) == nil)
    }

    @Test("A document built to exhaust the stack is nothing")
    func depth() {
        #expect(JSONValue(parsing: String(repeating: "[", count: 100_000)) == nil)
        #expect(JSONValue(parsing: String(repeating: "[", count: 60) + String(repeating: "]", count: 60)) != nil)
    }
}
