// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension ToolError {
    /// The error as JSON, schema `https://millwright.dev/schema/error/v1`: what a command that failed writes on stdout.
    public var json: JSONValue {
        [
            "schema": "https://millwright.dev/schema/error/v1",
            "error": [
                "code": .int(Int(self.code.rawValue)),
                "tried": .string(self.tried),
                "stopped": .string(self.stopped),
                "next": .string(self.next),
            ],
        ]
    }

    /// Returns the error for people, one sentence a line, for stderr; ends with a newline.
    public func text(options: RenderOptions = RenderOptions()) -> String {
        let paint = Paint(isOn: options.color)
        let sentences = [self.tried, self.stopped, self.next].map { wrapped($0, width: options.width) }
        let lines = sentences.enumerated().flatMap { index, lines in
            lines.map { index == 1 ? paint(.red, $0) : $0 }
        }
        return lines.map { $0 + "\n" }.joined()
    }
}
