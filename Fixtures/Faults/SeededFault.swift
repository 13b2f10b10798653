// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One thing that is wrong with the fixture on purpose, and the finding that must name it.
public struct SeededFault: Sendable, Hashable {
    /// When the fault comes into being.
    public enum Moment: Sendable, Hashable {
        /// With the tables: nothing more has to be done.
        case withSchema
        /// After the indexes, before the first VACUUM.
        case beforeVacuum
        /// After the indexes, too: a build that is cancelled while it waits for another session's snapshot.
        case interruptedBuild
        /// After everything.
        case afterVacuum
        /// With the workload's statements and reads.
        case withWorkload
        /// With a transaction that ``HeldTransaction`` keeps open.
        case withHeldTransaction
    }

    /// The finding's id: `indexes.W002`.
    public let findingID: String
    /// What the finding is about, without a schema; where it has no fixed name, what its subject begins with.
    public let subject: String
    /// How it came about, as a person would tell it.
    public let story: String
    /// When it comes into being.
    public let moment: Moment
    /// What brings it about; each statement runs in a session of its own.
    let statements: [String]
    /// The SQLSTATE that a statement is meant to fail with.
    let expectedState: String?

    init(
        _ findingID: String,
        _ subject: String,
        _ story: String,
        _ moment: Moment,
        _ statements: [String] = [],
        failingWith expectedState: String? = nil
    ) {
        self.findingID = findingID
        self.subject = subject
        self.story = story
        self.moment = moment
        self.statements = statements
        self.expectedState = expectedState
    }

    /// Whether a finding is the one that names this fault; its subject may have a schema before it, or a number behind it.
    public func isNamed(by findingID: String, subject: String) -> Bool {
        guard findingID == self.findingID else { return false }
        return subject == self.subject || subject.hasSuffix(".\(self.subject)") || subject.hasPrefix("\(self.subject) ")
    }
}
