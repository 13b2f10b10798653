// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What `INFO` answered.
///
/// ```swift
/// let client = RedisClient(try RedisConfiguration("redis://127.0.0.1"))
/// let memory = try await client.info("memory")
/// print(memory.integer("used_memory") ?? 0, memory["maxmemory_policy"] ?? "unknown")
/// ```
public struct RedisInfo: Sendable, Hashable {
    /// Each field of every section, as the server wrote it.
    public private(set) var fields: [String: String] = [:]
    /// The names of the fields of each section, in the server's order; the sections' names as the server writes them.
    public private(set) var sections: [String: [String]] = [:]

    /// Reads the server's text: `# Section` lines and `field:value` lines.
    public init(parsing text: String) {
        var section = ""
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("#") {
                section = String(line.drop { $0 == "#" || $0 == " " })
            } else if let colon = line.firstIndex(of: ":") {
                let name = String(line[..<colon])
                self.fields[name] = String(line[line.index(after: colon)...])
                self.sections[section, default: []].append(name)
            }
        }
    }

    /// A field as the server wrote it, `nil` where this server does not have it.
    public subscript(field: String) -> String? { self.fields[field] }

    /// A field that is a whole number.
    public func integer(_ field: String) -> Int? { self.fields[field].flatMap(Int.init) }

    /// A field that is a number; `mem_fragmentation_ratio:nan` is none.
    public func number(_ field: String) -> Double? {
        self.fields[field].flatMap(Double.init).flatMap { $0.isFinite ? $0 : nil }
    }

    /// The parts of a field such as `db0:keys=1,expires=0` or `cmdstat_get:calls=3,usec=7`.
    public func parts(_ field: String) -> [String: String] {
        var parts: [String: String] = [:]
        for part in (self.fields[field] ?? "").split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1)
            if pair.count == 2 { parts[String(pair[0])] = String(pair[1]) }
        }
        return parts
    }
}

extension RedisInfo {
    /// What the server counts per database.
    public struct Keyspace: Sendable, Hashable {
        /// The number of keys.
        public var keys: Int
        /// The number of keys that have a time to live.
        public var expires: Int
        /// The server's estimate of their mean time to live; zero where it made none.
        public var averageTimeToLive: Duration
    }

    /// The databases that hold keys, by number.
    public var keyspace: [Int: Keyspace] {
        var databases: [Int: Keyspace] = [:]
        for field in self.fields.keys where field.hasPrefix("db") {
            let parts = self.parts(field)
            guard let number = Int(field.dropFirst(2)), let keys = parts["keys"].flatMap(Int.init) else { continue }
            databases[number] = Keyspace(
                keys: keys,
                expires: parts["expires"].flatMap(Int.init) ?? 0,
                averageTimeToLive: .milliseconds(parts["avg_ttl"].flatMap(Int.init) ?? 0)
            )
        }
        return databases
    }
}

extension RedisInfo: RedisDecodable {
    /// Reads the text; a byte that is not UTF-8, as a configured path may hold, spoils only its own field.
    public init(redis value: RedisValue) throws {
        guard let bytes = value.bytes else { throw RedisError.cannotDecode(value, as: "text") }
        self.init(parsing: String(decoding: bytes, as: UTF8.self))
    }
}
