// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

@testable import MillwrightCaching

/// What one client was promised about one session, and what the invariants say of each answer.
struct SessionLedger {
    let id: SessionID
    /// The value of the last acknowledged write.
    private(set) var acknowledged: Int
    /// The highest value that was ever sent.
    private(set) var sent: Int
    /// Whether a deletion was sent, and whether one was acknowledged.
    private(set) var wasDeletionSent = false
    private(set) var isDeleted = false
    /// The end of the last acknowledged answer; `nil` while a failed write may have changed it.
    private var expiresAtMilliseconds: Int?
    private(set) var violations: [String] = []

    init(_ session: Session, value: Int) {
        self.id = session.id
        self.acknowledged = value
        self.sent = value
        self.expiresAtMilliseconds = session.expiresAtMilliseconds
    }

    /// The value to write next.
    mutating func nextValue() -> Int {
        self.sent += 1
        return self.sent
    }

    mutating func saved(_ session: Session?, value: Int) {
        guard let session else {
            if !self.wasDeletionSent { self.violations.append("I1: a live session could not be written to") }
            return
        }
        if self.isDeleted { self.violations.append("I2: a deleted session was written to") }
        self.acknowledged = value
        self.expiresAtMilliseconds = session.expiresAtMilliseconds
    }

    mutating func saveFailed() { self.expiresAtMilliseconds = nil }

    mutating func deletionSent() { self.wasDeletionSent = true }

    mutating func deleted() { self.isDeleted = true }

    mutating func read(_ session: Session?) {
        guard let session else {
            if !self.wasDeletionSent { self.violations.append("I1: a live session was not found") }
            return
        }
        if self.isDeleted { self.violations.append("I2: a deleted session was read") }
        if session.id != self.id { self.violations.append("I4: another id came back") }
        guard case .int(let value)? = session["n"] else {
            self.violations.append("I1: the value is gone")
            return
        }
        if value < self.acknowledged {
            self.violations.append("I3: read \(value) after \(self.acknowledged) was acknowledged")
        }
        if value > self.sent { self.violations.append("I1: read \(value), which nobody wrote") }
        if let expected = self.expiresAtMilliseconds, abs(session.expiresAtMilliseconds - expected) > 1_000 {
            self.violations.append("I5: the end moved by \(session.expiresAtMilliseconds - expected) ms")
        }
    }
}
