// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Runs a command's body under a deadline, under signals, under its caller's cancellation.
struct CommandRun: Sendable {
    /// How it ended.
    enum End: Sendable {
        /// By itself, or in the grace time after it was asked to stop.
        case finished(Result<ExitCode, any Error>, stopped: RunState.Reason?)
        /// It was asked to stop and did not.
        case abandoned(RunState.Reason)
    }

    /// The most the body may take.
    var timeout: Duration?
    /// How long a cancelled body may clean up.
    var grace: Duration = .seconds(5)
    /// Signals that ask it to stop.
    var signals: AsyncStream<Int32>?

    /// Runs the body to its end, or to the end of patience.
    func callAsFunction(_ body: @escaping @Sendable () async throws -> ExitCode) async -> End {
        let (events, feed) = AsyncStream<Notice>.makeStream()
        let work = Task {
            let result = await Self.result(of: body)
            feed.yield(.finished(result))
        }
        let watchers = self.watchers(feed)
        // A loop in the caller's task would end with the caller's cancellation; this one sees it as an event.
        let loop = Task { await self.follow(events, feed, work) }
        let end = await withTaskCancellationHandler {
            await loop.value
        } onCancel: {
            feed.yield(.event(.callerCancelled))
        }
        for watcher in watchers { watcher.cancel() }
        return end
    }

    private enum Notice: Sendable {
        case finished(Result<ExitCode, any Error>)
        case event(RunState.Event)
    }

    private static func result(of body: @Sendable () async throws -> ExitCode) async -> Result<ExitCode, any Error> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }

    private func watchers(_ feed: AsyncStream<Notice>.Continuation) -> [Task<Void, Never>] {
        var watchers: [Task<Void, Never>] = []
        if let timeout { watchers.append(Self.timer(timeout, .deadline, feed)) }
        if let signals {
            watchers.append(Task { for await number in signals { feed.yield(.event(.signal(number))) } })
        }
        return watchers
    }

    private static func timer(
        _ time: Duration,
        _ event: RunState.Event,
        _ feed: AsyncStream<Notice>.Continuation
    ) -> Task<Void, Never> {
        Task {
            guard (try? await Task.sleep(for: time)) != nil else { return }
            feed.yield(.event(event))
        }
    }

    private func follow(
        _ notices: AsyncStream<Notice>,
        _ feed: AsyncStream<Notice>.Continuation,
        _ work: Task<Void, Never>
    ) async -> End {
        var state = RunState()
        var graceTimer: Task<Void, Never>?
        defer { graceTimer?.cancel() }
        for await notice in notices {
            switch notice {
            case .finished(let result):
                if case .end(let reason) = state.handle(.finished) { return .finished(result, stopped: reason) }
            case .event(let event):
                switch state.handle(event) {
                case .cancel:
                    work.cancel()
                    graceTimer = Self.timer(self.grace, .graceOver, feed)
                case .abandon(let reason): return .abandoned(reason)
                case .wait, .end: break
                }
            }
        }
        // The stream ends only with this task, which nobody cancels.
        return .abandoned(.callerCancelled)
    }
}
