// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
public import MillwrightIO

extension ConnectionPool: Swept {
    /// Turns away who has waited too long, and ends a drain that has.
    @usableFromInline
    package func swept(at now: Deadline) -> Bool {
        for waiter in self.state.takeLate(at: Deadline.clock) { self.refuse(waiter, self.refusal(.late)) }
        if let draining, draining.deadline <= now { self.abandonLoans() }
        self.isSwept = self.state.waitingCount > 0 || self.draining != nil
        return !self.isSwept
    }

    // MARK: In the background

    /// Has ``PoolState/upkeep(at:)`` asked when something is due.
    ///
    /// One task sleeps until then, without keeping the pool alive.
    @usableFromInline
    func scheduleUpkeep() {
        let now = Deadline.clock
        guard let due = self.state.nextUpkeep(at: now) else { return }
        if let upkeep, upkeep.due <= due { return }
        self.upkeep?.task.cancel()
        let task = Task { [weak self] in
            guard (try? await Task.sleep(for: max(due - now, .zero))) != nil else { return }
            await self?.keepUp()
        }
        self.upkeep = (task, due)
    }

    private func keepUp() {
        self.upkeep = nil
        for number in self.state.idle where self.isBroken(number) {
            self.state.forget(number)
            self.discard(number, .broken)
        }
        for due in self.state.upkeep(at: Deadline.clock) {
            switch due {
            case .close(let number, let reason): self.discard(number, reason)
            case .open(let number): Task(executorPreference: self.loop) { await self.warm(number) }
            }
        }
        self.meter?.show(self.state)
        self.scheduleUpkeep()
    }

    private func isBroken(_ number: Int) -> Bool {
        !(self.connections[number]?.assumeIsolated { $0.isLendable } ?? false)
    }

    /// Opens a connection that nobody asked for yet; a failure shows in the counts, and is tried again.
    private func warm(_ number: Int) async {
        if let lease = try? await self.open(number, for: .minimum) { self.release(lease) }
    }

    // MARK: The end

    /// Uses no connection of this generation or an older one any more: the idle ones are closed, the lent ones when they come back.
    package func evict(through generation: Int) {
        for number in self.state.evict(through: generation) { self.discard(number, .evicted) }
        self.meter?.show(self.state)
    }

    /// Uses none of today's connections any more.
    package func evictAll() { self.evict(through: self.state.generation) }

    /// Closes the idle connections and turns waiters away; what is lent closes when it comes back.
    package func close() {
        let (idle, waiters) = self.state.close()
        self.upkeep?.task.cancel()
        for number in idle { self.discard(number, .shutdown) }
        for waiter in waiters { self.refuse(waiter, self.refusal(.closed)) }
        self.meter?.show(self.state)
    }

    /// Closes the pool and waits for what is lent to come back; closes it under its borrowers where it does not in time.
    ///
    /// Cancelling the task is as if the time were over.
    package func drain(within timeout: Duration) async {
        self.close()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !self.state.isEmpty, !Task.isCancelled else { return self.endDrain(continuation) }
                let deadline = min(self.draining?.deadline ?? .never, .after(timeout))
                self.draining = ((self.draining?.continuations ?? []) + [continuation], deadline)
                self.sweep()
            }
        } onCancel: {
            Task(executorPreference: self.loop) { await self.abandonLoans() }
        }
    }

    private func endDrain(_ continuation: CheckedContinuation<Void, Never>) {
        self.abandonLoans()
        continuation.resume()
    }

    private func abandonLoans() {
        for number in self.state.abandon() { self.discard(number, .shutdown) }
        self.finishDraining()
    }

    @inlinable
    func finishDrainingIfEmpty() {
        if self.draining != nil, self.state.isEmpty { self.finishDraining() }
    }

    @usableFromInline
    func finishDraining() {
        let continuations = self.draining?.continuations ?? []
        self.draining = nil
        for continuation in continuations { continuation.resume() }
    }
}
