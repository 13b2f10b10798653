// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension RedisError {
    /// Reads an error that the server answered, such as `READONLY You can't write against a read only replica.`.
    init(server message: String, file: String = #fileID, line: Int = #line) {
        let prefix = String(message.prefix { $0 != " " })
        self.init(
            Self.code(prefix: prefix, message: message),
            serverPrefix: prefix.allSatisfy { $0.isASCII && ($0.isUppercase || $0.isNumber || $0 == "_") }
                ? prefix : nil,
            serverMessage: message,
            file: file,
            line: line
        )
    }

    private static func code(prefix: String, message: String) -> Code {
        if let code = Self.codes[prefix] { return code }
        guard prefix == "ERR" else { return .commandFailed }
        // Errors without a word of their own: networking.c, acl.c (before 6.0) and script.c, by their text.
        if message.hasPrefix("ERR max number of clients") { return .tooManyClients }
        if message.hasPrefix("ERR invalid password") { return .wrongPassword }
        if message.hasPrefix("ERR AUTH") && message.contains("without any password") { return .wrongPassword }
        return .commandFailed
    }

    private static let codes: [String: Code] = [
        "READONLY": .readOnly, "LOADING": .loading, "OOM": .outOfMemory, "MISCONF": .misconfigured,
        "NOAUTH": .noAuthentication, "WRONGPASS": .wrongPassword, "NOPERM": .noPermission,
        "MOVED": .moved, "ASK": .moved, "CROSSSLOT": .moved, "CLUSTERDOWN": .clusterDown, "TRYAGAIN": .clusterDown,
        "MASTERDOWN": .primaryDown, "NOREPLICAS": .tooFewReplicas, "BUSY": .busy, "NOSCRIPT": .noScript,
        "EXECABORT": .transactionAborted, "WRONGTYPE": .wrongType,
    ]
}
