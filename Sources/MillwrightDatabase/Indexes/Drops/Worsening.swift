// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Decides whether a statement has become worse, by evidence that a slow machine cannot fake.
///
/// A busy machine makes everything slow, but it makes no statement read more pages. So both have to have grown: the pages of a call,
/// which say why, and its time, without which nobody would mind.
struct Worsening: Sendable, Hashable {
    /// What is said of a statement.
    enum Effect: String, Sendable, Hashable {
        case worse
        case asBefore = "as before"
        /// It ran too rarely, before or since, to be compared.
        case notCompared = "ran too rarely"
    }

    /// How often it has to have run, before as well as since.
    static let minimumCalls = 5
    /// How many times as many pages a call has to read.
    static let pageFactor = 2.0
    /// And how many pages more: below that nobody notices.
    static let minimumPages = 100.0
    /// How many times as long a call has to take.
    static let timeFactor = 1.5

    /// How many times as big the table is; what reads all of it reads more pages without any index being gone.
    var growth = 1.0

    /// Compares what a statement cost before with what it has cost since.
    func effect(before: StatementUse?, since: StatementUse) -> Effect {
        guard let before, before.calls >= Self.minimumCalls, since.calls >= Self.minimumCalls else {
            return .notCompared
        }
        let expected = before.pagesPerCall * max(1, self.growth)
        let readsMore =
            since.pagesPerCall >= Self.pageFactor * expected && since.pagesPerCall - expected >= Self.minimumPages
        return readsMore && since.secondsPerCall >= Self.timeFactor * before.secondsPerCall ? .worse : .asBefore
    }
}
