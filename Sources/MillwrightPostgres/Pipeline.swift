// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A batch of statements on its way through one connection.
///
/// It writes as much as the socket takes and reads whatever comes meanwhile, so neither side ever waits for the other to read.
final class Pipeline {
    /// How many statements are given to libpq between two looks at whether the socket still takes them.
    private static let statementsPerFlush = 64

    private let batch: [SQL]
    private let isIndependent: Bool
    private var next = 0
    private var isSynced = false
    /// Whether nothing more will be sent.
    private var isAllSent = false
    private(set) var answers: PipelineAnswers<Rows>
    /// Whether it made the server forget what it had parsed for the session.
    private(set) var endsPlans = false

    init(_ batch: [SQL], isIndependent: Bool) {
        self.batch = batch
        self.isIndependent = isIndependent
        self.answers = PipelineAnswers(count: batch.count)
    }

    /// Sends what the socket takes without waiting; false where libpq refuses.
    ///
    /// - Parameter isStopped: whether nobody wants the rest any more.
    func send(to handle: PostgresHandle, _ prepared: inout PreparedStatements, isStopped: Bool) -> Bool {
        while self.next < self.batch.count, !isStopped, self.isIndependent || !self.answers.hasFailed {
            guard self.sendNext(to: handle, &prepared) else { return false }
            guard self.next.isMultiple(of: Self.statementsPerFlush) else { continue }
            guard let isFlushed = handle.flush() else { return false }
            if !isFlushed { return true }
        }
        guard !self.isAllSent else { return true }
        self.isAllSent = true
        guard self.isSynced || self.sync(handle) else { return false }
        return prepared.takeSurplus().allSatisfy { self.giveBack($0, handle) }
    }

    /// Has the server forget a name, by itself: within the statements' own transaction it could fail with them, and there are
    /// statements that stand no other beside them.
    private func giveBack(_ name: String, _ handle: PostgresHandle) -> Bool {
        guard handle.send("DEALLOCATE \(identifier: name)") else { return false }
        self.answers.send(.deallocate(name: name))
        return self.sync(handle)
    }

    private func sendNext(to handle: PostgresHandle, _ prepared: inout PreparedStatements) -> Bool {
        let sql = self.batch[self.next]
        let plan = prepared.plan(sql.planKey)
        if case .prepare(let name) = plan {
            guard handle.sendPrepare(sql, name: name) else { return false }
            self.answers.send(.prepare(self.next, name: name))
        }
        guard handle.send(sql, name: plan.name) else { return false }
        self.answers.send(.run(self.next, name: plan.name))
        self.next += 1
        self.isSynced = false
        return self.isIndependent ? self.sync(handle) : true
    }

    /// The statements whose plans the server found good no longer.
    var stalePlans: [String] {
        guard self.answers.hasFailed else { return [] }
        return zip(self.batch, self.answers.outcomes).compactMap { sql, outcome in
            if case .failure(let error) = outcome, error.isStalePlan { sql.planKey } else { nil }
        }
    }

    private func sync(_ handle: PostgresHandle) -> Bool {
        self.isSynced = true
        self.answers.sendSync()
        return handle.sendSync()
    }

    /// Takes the results that can be had without waiting; returns whether the last one came.
    ///
    /// - Throws: where they are not the answers to what was sent; the connection is good for nothing then.
    func takeResults(from handle: PostgresHandle) throws -> Bool {
        while !self.answers.isComplete, !handle.isBusy {
            guard !self.answers.areOutOfStep else { throw self.answers.failure ?? .outOfStep }
            guard let result = handle.nextResult() else {
                if handle.isBad { return false }  // a lost connection answers without end
                self.answers.take(.end)
                continue
            }
            switch result.status {
            case .failed: self.answers.take(.failed(result.error))
            case .notRun: self.answers.take(.notRun)
            case .sync: self.answers.take(.sync)
            case .copyIn, .copyOut: throw PostgresError.copy
            case .copyBoth: throw PostgresError.replication
            default:
                self.answers.take(.value(Rows(result)))
                if result.endsPlans { self.endsPlans = true }
            }
        }
        return self.isAllSent && self.answers.isComplete
    }
}
