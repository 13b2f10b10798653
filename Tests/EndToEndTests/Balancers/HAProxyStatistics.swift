// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import Testing

/// What HAProxy says of its servers, read from its statistics socket.
struct HAProxyStatistics: Sendable {
    let socket: String

    /// One server's line of `show stat`.
    struct Server: Sendable, Hashable {
        /// `UP`, `DOWN`, `UP 1/3`.
        var status: String
        /// How the last check went: `L7OK`, `L7STS`, `L7TOUT`.
        var check: String
        /// The HTTP status of the last check.
        var code: String
    }

    /// Reads the line of a server of the backend `app`.
    func server(_ name: String) -> Server? {
        let lines = self.ask("show stat\n").split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        guard let head = lines.first,
            let line = lines.first(where: { $0.count > 1 && $0[0] == "app" && $0[1] == name }),
            let status = head.firstIndex(of: "status"), let check = head.firstIndex(of: "check_status"),
            let code = head.firstIndex(of: "check_code")
        else { return nil }
        // a star stands before the last result while the next check is under way
        let last = line[check].drop { $0 == "*" || $0 == " " }
        return Server(status: line[status], check: String(last), code: line[code])
    }

    /// Waits until a server's status is as wanted; fails the test where it is not within ten seconds.
    func wait(for name: String, toBe status: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while self.server(name)?.status != status {
            guard ContinuousClock.now < deadline else {
                let seen = self.server(name)
                Issue.record("\(name) is \(String(describing: seen)), not \(status)", sourceLocation: sourceLocation)
                return
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func ask(_ question: String) -> String {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: self.socket.utf8.prefix($0.count - 1)) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        guard result == 0, send(descriptor, question, question.utf8.count, Int32(MSG_NOSIGNAL)) > 0 else { return "" }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while case let count = recv(descriptor, &chunk, chunk.count, 0), count > 0 { answer += chunk[..<count] }
        return String(decoding: answer, as: UTF8.self)
    }
}
