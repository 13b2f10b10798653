// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation

/// As much of JSON Schema as the published schemas use; a member they do not name is a problem here, so that nothing is
/// written which is not published.
package struct JSONSchema {
    private let root: [String: Any]

    /// Reads `Documentation/schema/<name>.json`.
    package init(published name: String) throws {
        let house = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let data = try Data(contentsOf: house.appending(path: "Documentation/schema/\(name).json"))
        self.root = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }

    /// What is wrong with a document, each with its place; nothing where all is well.
    package func problems(in text: String) throws -> [String] {
        let document = try JSONSerialization.jsonObject(with: Data(text.utf8))
        return self.check(document, self.root, at: "$")
    }

    private func check(_ value: Any, _ schema: [String: Any], at path: String) -> [String] {
        if let reference = schema["$ref"] as? String { return self.check(value, self.definition(reference), at: path) }
        if let choices = schema["anyOf"] as? [[String: Any]] {
            return choices.contains { self.check(value, $0, at: path).isEmpty } ? [] : ["\(path): none of the choices"]
        }
        var problems = self.checkWord(value, schema, at: path)
        if let object = value as? [String: Any] { problems += self.checkObject(object, schema, at: path) }
        if let array = value as? [Any], let items = schema["items"] as? [String: Any] {
            problems += array.enumerated().flatMap { self.check($0.element, items, at: "\(path)[\($0.offset)]") }
        }
        return problems
    }

    private func checkWord(_ value: Any, _ schema: [String: Any], at path: String) -> [String] {
        var problems: [String] = []
        if let constant = schema["const"] as? String, value as? String != constant {
            problems.append("\(path): not \(constant)")
        }
        if let words = schema["enum"] as? [String], !words.contains(value as? String ?? "") {
            problems.append("\(path): \(value) is none of \(words)")
        }
        let types = schema["type"] as? [String] ?? (schema["type"] as? String).map { [$0] } ?? []
        if !types.isEmpty, !types.contains(where: { Self.isOf($0, value) }) { problems.append("\(path): no \(types)") }
        if let pattern = schema["pattern"] as? String, let text = value as? String,
            text.range(of: pattern, options: .regularExpression) == nil
        {
            problems.append("\(path): \(text) does not match")
        }
        if let number = (value as? NSNumber)?.doubleValue, !(value is String) {
            if let least = schema["minimum"] as? Double, number < least { problems.append("\(path): below \(least)") }
            if let most = schema["maximum"] as? Double, number > most { problems.append("\(path): above \(most)") }
        }
        return problems
    }

    private func checkObject(_ object: [String: Any], _ schema: [String: Any], at path: String) -> [String] {
        let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
        let missing = (schema["required"] as? [String] ?? []).filter { object[$0] == nil }.map {
            "\(path).\($0): missing"
        }
        return missing
            + object.flatMap { key, value -> [String] in
                let known = properties[key] ?? schema["additionalProperties"] as? [String: Any]
                return known.map { self.check(value, $0, at: "\(path).\(key)") } ?? ["\(path).\(key): not published"]
            }
    }

    private func definition(_ reference: String) -> [String: Any] {
        let name = String(reference.dropFirst("#/$defs/".count))
        return (self.root["$defs"] as? [String: [String: Any]])?[name] ?? ["enum": ["(no such definition: \(name))"]]
    }

    private static func isOf(_ type: String, _ value: Any) -> Bool {
        switch type {
        case "object": value is [String: Any]
        case "array": value is [Any]
        case "string": value is String
        case "null": value is NSNull
        case "boolean": Self.isFlag(value)
        case "number": value is NSNumber && !Self.isFlag(value)
        case "integer":
            (value as? NSNumber).map { $0.doubleValue == $0.doubleValue.rounded() } ?? false && !Self.isFlag(value)
        default: false
        }
    }

    /// JSONSerialization gives flags as numbers of the C type `char`.
    private static func isFlag(_ value: Any) -> Bool {
        (value as? NSNumber).map { String(cString: $0.objCType) == "c" } ?? false
    }
}
