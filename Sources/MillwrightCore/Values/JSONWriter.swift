// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Writes a `JSONValue` as text (RFC 8259).
struct JSONWriter {
    let isPretty: Bool
    private(set) var output = ""
    private var depth = 0

    init(isPretty: Bool) { self.isPretty = isPretty }

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: self.output += "null"
        case .bool(let value): self.output += value ? "true" : "false"
        case .int(let value): self.output += String(value)
        case .double(let value): self.output += value.isFinite ? PlainNumber.exact(value) : "null"
        case .string(let text): self.write(string: text)
        case .array(let values):
            self.write(values, between: "[", "]") { $0.write($1) }
        case .object(let members):
            self.write(members, between: "{", "}") { writer, member in
                writer.write(string: member.key)
                writer.output += writer.isPretty ? ": " : ":"
                writer.write(member.value)
            }
        }
    }

    private mutating func write<Element>(
        _ elements: [Element],
        between open: String,
        _ close: String,
        each: (inout JSONWriter, Element) -> Void
    ) {
        self.output += open
        self.depth += 1
        for (index, element) in elements.enumerated() {
            if index > 0 { self.output += "," }
            self.breakLine()
            each(&self, element)
        }
        self.depth -= 1
        if !elements.isEmpty { self.breakLine() }
        self.output += close
    }

    private mutating func breakLine() {
        guard self.isPretty else { return }
        self.output += "\n" + String(repeating: "  ", count: self.depth)
    }

    private mutating func write(string: String) {
        self.output += "\""
        defer { self.output += "\"" }
        if string.utf8.allSatisfy({ (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }) {
            self.output += string
            return
        }
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": self.output += "\\\""
            case "\\": self.output += "\\\\"
            case "\n": self.output += "\\n"
            case "\r": self.output += "\\r"
            case "\t": self.output += "\\t"
            // Escaping more than JSON demands keeps the document harmless on a terminal, too.
            case _ where scalar.steersTerminal: self.escape(scalar)
            default: self.output.unicodeScalars.append(scalar)
            }
        }
    }

    /// Every scalar that steers a terminal lies below U+10000, so one `\u` is enough.
    private mutating func escape(_ scalar: Unicode.Scalar) {
        let digits = String(scalar.value, radix: 16)
        self.output += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
