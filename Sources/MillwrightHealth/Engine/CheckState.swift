// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What is known of one check: its last counted result, and whether a run is under way.
///
/// It reads no clock: every call is told the time on a monotonic one, so a jump of the wall clock ages nothing.
struct CheckState: Sendable {
    /// A result and when it came.
    struct Sample: Sendable, Hashable {
        var result: HealthResult
        var finishedAt: Duration
        var took: Duration
    }

    let schedule: HealthSchedule
    /// The result that counts, after hysteresis.
    private(set) var sample: Sample?
    /// When the run that is under way began.
    private(set) var runningSince: Duration?
    private var failures = 0
    private var passes = 0

    init(schedule: HealthSchedule) { self.schedule = schedule }

    /// Asks to begin a run; refused while another one is under way, however long it hangs.
    mutating func begin(at now: Duration) -> Bool {
        guard self.runningSince == nil else { return false }
        self.runningSince = now
        return true
    }

    /// A run came back.
    ///
    /// One that took longer than its deadline counts as failed: callers were told so already.
    mutating func finish(_ result: HealthResult, at now: Duration) {
        let took = now - (self.runningSince ?? now)
        self.runningSince = nil
        let late = took > self.schedule.deadline
        self.count(
            Sample(
                result: late ? HealthResult(.fail, code: "timeout", facts: result.facts) : result,
                finishedAt: now,
                took: took
            )
        )
    }

    private mutating func count(_ new: Sample) {
        if new.result.status == .fail {
            self.failures += 1
            self.passes = 0
        } else {
            self.passes += 1
            self.failures = 0
        }
        guard let old = self.sample else {
            self.sample = new
            return
        }
        let (was, isNow) = (old.result.status == .fail, new.result.status == .fail)
        let overturns =
            isNow ? self.failures >= self.schedule.failuresToFail : self.passes >= self.schedule.passesToPass
        // A result that is not yet overturned is kept, and is as fresh as the run that failed to overturn it.
        self.sample =
            was == isNow || overturns
            ? new : Sample(result: old.result, finishedAt: new.finishedAt, took: new.took)
    }
}

extension CheckState {
    /// What is to be said about the check now.
    func reading(at now: Duration) -> CheckReading {
        if let since = self.runningSince, now - since > self.schedule.deadline {
            return CheckReading(
                result: HealthResult(.fail, code: "still_running"),
                age: self.sample.map { now - $0.finishedAt },
                took: now - since,
                hangingSince: since
            )
        }
        guard let sample = self.sample else {
            return CheckReading(result: HealthResult(.fail, code: "not_sampled_yet"), age: nil, took: nil)
        }
        let age = now - sample.finishedAt
        if age > self.schedule.maximumAge {
            return CheckReading(result: HealthResult(.fail, code: "stale"), age: age, took: sample.took)
        }
        return CheckReading(result: sample.result, age: age, took: sample.took)
    }

    /// When the reading changes by the mere passing of time.
    var changeTimes: [Duration] {
        let hangs = self.runningSince.map { $0 + self.schedule.deadline }
        let stale = self.sample.map { $0.finishedAt + self.schedule.maximumAge }
        return [hangs, stale].compactMap { $0 }
    }
}

/// What is to be said about one check at one moment.
struct CheckReading: Sendable, Hashable {
    var result: HealthResult
    /// How long ago the last run came back.
    var age: Duration?
    /// How long the last run took, or the hanging one has taken so far.
    var took: Duration?
    /// When the run began that is past its deadline and has not come back.
    var hangingSince: Duration?
}
