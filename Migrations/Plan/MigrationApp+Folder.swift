// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightCore

extension MigrationApp {
    /// Creates an app from the `.sql` files of a folder: a host's own migrations.
    public init(label: String, folder: String) throws {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".sql") }.sorted()
        } catch {
            throw MigrationError.badFiles(app: label, ["The folder \(folder) cannot be read."])
        }
        let files = try names.map { name in
            guard let text = try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) else {
                throw MigrationError.badFiles(app: label, ["The file \(folder)/\(name) cannot be read as UTF-8."])
            }
            return (name: name, text: text)
        }
        try self.init(label: label, files: files)
    }
}
