// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// One client connection that is kept alive, without a library's retries: whatever goes wrong is seen.
///
/// It blocks, so it belongs to a thread of its own.
struct HTTPConnection: ~Copyable {
    /// Why there was no answer.
    struct Trouble: Error, Hashable { var what: String }

    private let descriptor: Int32

    /// Connects to a loopback port.
    init(port: Int) throws(Trouble) {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = self.descriptor
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        guard result == 0 else { throw Trouble(what: "could not connect: errno \(errno)") }
    }

    deinit { close(self.descriptor) }

    /// Asks for a path; returns the status, and whether the connection ends with this answer.
    func get(_ path: String) throws(Trouble) -> (status: Int, isLast: Bool) {
        let request = Array("GET \(path) HTTP/1.1\r\nHost: app.example\r\n\r\n".utf8)
        guard send(self.descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw Trouble(what: "could not send: errno \(errno)")
        }
        var text = ""
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = recv(self.descriptor, &chunk, chunk.count, 0)
            guard count > 0 else {
                throw Trouble(what: count == 0 ? "the connection ended" : "no answer: errno \(errno)")
            }
            text += String(decoding: chunk[..<count], as: UTF8.self)
            if let answer = try Self.answer(in: text) { return answer }
        }
    }

    /// The answer, once all of it is there.
    private static func answer(in text: String) throws(Trouble) -> (status: Int, isLast: Bool)? {
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].lowercased().split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count > 1, let status = Int(words[1]) else { throw Trouble(what: "no HTTP: \(text.prefix(40))") }
        let length = lines.first { $0.hasPrefix("content-length: ") }.flatMap { Int($0.dropFirst(16)) } ?? 0
        guard text[end.upperBound...].utf8.count >= length else { return nil }
        return (status, lines.contains("connection: close"))
    }
}
