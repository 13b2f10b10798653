// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightCommands

@Suite("Plain HTTP")
struct PlainHTTPTests {
    @Test(
        "An address is read into host, port and path",
        arguments: [
            ("http://h", "h", 80, "/"), ("http://h:8080/readyz?x=1#f", "h", 8080, "/readyz?x=1"),
            ("HTTP://127.0.0.1:1/", "127.0.0.1", 1, "/"), ("http://[::1]:8000/x", "::1", 8000, "/x"),
            ("http://[::1]", "::1", 80, "/"), ("http://h?x", "h", 80, "/?x"),
        ] as [(String, String, UInt16, String)]
    )
    func addresses(url: String, host: String, port: UInt16, path: String) throws {
        let http = try #require(PlainHTTP(url))

        #expect(http.host == host && http.port == port && http.path == path)
    }

    @Test(
        "What is no plain address, or holds a user, is refused",
        arguments: ["", "h:80", "https://h", "http://", "http://u:p@h", "http://h:99999", "http://h:x", "ftp://h"]
    )
    func refused(url: String) {
        #expect(PlainHTTP(url) == nil)
    }

    @Test("An answer has a status and a body, and what is none is nothing")
    func answers() {
        let text = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\n{}"

        #expect(PlainHTTP.Answer(text) == PlainHTTP.Answer(status: 503, body: "{}"))
        for wrong in ["", "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n"] {
            #expect(PlainHTTP.Answer(wrong) == nil)
        }
    }

    @Test("Nobody there is said at once, with words of ours")
    func nobody() async throws {
        let http = try #require(PlainHTTP("http://127.0.0.1:1/health_check"))

        await #expect(throws: PlainHTTP.Failure(reason: "Nothing listens at that address.")) {
            try await http.get(fields: [], timeout: .seconds(10))
        }
    }
}
