// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What a load writes beside each of its tables, as their comment, so that only its own are ever dropped.
struct LoadMark: Equatable {
    let scale: Double
    let seed: UInt64
    let isComplete: Bool

    init(scale: Double, seed: UInt64, isComplete: Bool) {
        self.scale = scale
        self.seed = seed
        self.isComplete = isComplete
    }

    /// The comment.
    var text: String {
        "Millwright fixture erp, scale \(self.scale), seed \(self.seed), \(self.isComplete ? "complete" : "incomplete")"
    }

    /// Reads a comment; `nil` where it is somebody else's.
    init?(_ text: String?) {
        let words = (text ?? "").split(separator: " ").map { $0.hasSuffix(",") ? $0.dropLast() : $0 }
        guard words.count == 8, words[0...2] == ["Millwright", "fixture", "erp"], words[3] == "scale",
            words[5] == "seed", let scale = Double(words[4]), let seed = UInt64(words[6])
        else { return nil }
        self.init(scale: scale, seed: seed, isComplete: words[7] == "complete")
    }
}

/// The tables that are in the way of a load, and what follows.
struct ExistingTables {
    enum Decision: Equatable {
        case load(dropping: [String])
        case keep
    }

    /// Name and comment of each table that has one of our names.
    let tables: [(name: String, comment: String?)]

    /// Decides what a load does about them.
    func decision(for options: ERP.LoadOptions) throws -> Decision {
        guard !self.tables.isEmpty else { return .load(dropping: []) }
        let names = self.tables.map(\.name)
        let foreign = self.tables.filter { LoadMark($0.comment) == nil }.map(\.name)
        guard foreign.isEmpty else { throw LoadError.foreignTables(foreign, schema: options.schema) }
        let marks = self.tables.compactMap { LoadMark($0.comment) }
        let wanted = LoadMark(scale: options.scale, seed: options.seed, isComplete: true)
        let isWanted = names.count == ERP.tables.count && marks.allSatisfy { $0 == wanted }
        switch options.existing {
        case .replace: return .load(dropping: names)
        case .keep where isWanted: return .keep
        case .keep, .refuse:
            let found = isWanted ? "this load already" : "another load, or an unfinished one"
            throw LoadError.tablesExist(names, schema: options.schema, found: found)
        }
    }
}
