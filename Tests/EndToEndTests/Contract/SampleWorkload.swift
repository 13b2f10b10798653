// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation

/// A file of SQL that any database can plan, written once.
enum SampleWorkload {
    static let path: String = {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).sql")
        _ = FileManager.default.createFile(atPath: file.path, contents: Data("SELECT 1;\n".utf8))
        return file.path
    }()
}
