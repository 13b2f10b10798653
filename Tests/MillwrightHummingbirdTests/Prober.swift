// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import Glibc

/// Sends bytes as they are and reads the answer to its end, as probers do that no client library would imitate.
struct Prober {
    let port: Int

    /// The answer to a request, up to the connection's end or until nothing has come for a while.
    func ask(_ request: String) async -> Answer? {
        await withCheckedContinuation { waiter in
            // A thread of its own: a blocked one of Dispatch's, which Swift's tasks share, could be what the answer needs.
            Thread.detachNewThread { waiter.resume(returning: self.exchange(request).flatMap(Answer.init)) }
        }
    }

    private func exchange(_ request: String) -> String? {
        guard let descriptor = LoopbackSocket.connect(to: self.port) else { return nil }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let bytes = Array(request.utf8)
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return nil }
        var received: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while !Answer.isComplete(received, toHead: request.hasPrefix("HEAD")) {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { break }
            received += chunk[..<count]
        }
        return String(decoding: received, as: UTF8.self)
    }
}

/// What came back.
struct Answer {
    var status: Int
    var fields: [String: String]
    var body: String

    init?(_ text: String) {
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        guard let first = lines.first?.split(separator: " "), first.count > 1, let status = Int(first[1]) else {
            return nil
        }
        self.status = status
        self.body = String(text[end.upperBound...])
        self.fields = lines.dropFirst().reduce(into: [:]) { fields, line in
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { fields[parts[0].lowercased()] = String(parts[1].drop { $0 == " " }) }
        }
    }

    /// Whether nothing more is to come.
    static func isComplete(_ bytes: [UInt8], toHead: Bool) -> Bool {
        guard let answer = Answer(String(decoding: bytes, as: UTF8.self)) else { return false }
        return toHead || answer.body.utf8.count >= answer.fields["content-length"].flatMap { Int($0) } ?? .max
    }
}
