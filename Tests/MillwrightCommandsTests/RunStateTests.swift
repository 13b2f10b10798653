// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightCore
import Testing

@testable import MillwrightCommands

@Suite("Stopping a command")
struct RunStateTests {
    private func actions(_ events: RunState.Event...) -> [RunState.Action] {
        var state = RunState()
        return events.map { state.handle($0) }
    }

    @Test("A command that ends by itself was not stopped")
    func finished() {
        #expect(self.actions(.finished) == [.end(stopped: nil)])
    }

    @Test("The first signal cancels, the end in the grace time is the signal's")
    func signal() {
        #expect(self.actions(.signal(SIGTERM), .finished) == [.cancel, .end(stopped: .signal(SIGTERM))])
    }

    @Test("The second signal means at once, and the first one's code counts")
    func impatient() {
        #expect(self.actions(.signal(SIGINT), .signal(SIGTERM)) == [.cancel, .abandon(.signal(SIGINT))])
    }

    @Test("When the grace time is over the command is left behind")
    func graceOver() {
        #expect(self.actions(.deadline, .graceOver) == [.cancel, .abandon(.deadline)])
    }

    @Test("A deadline or a caller's cancellation during the grace time changes nothing")
    func laterReasons() {
        #expect(
            self.actions(.signal(SIGTERM), .deadline, .callerCancelled, .finished)
                == [.cancel, .wait, .wait, .end(stopped: .signal(SIGTERM))]
        )
    }

    @Test("A signal cancels the body, which cleans up before the run ends")
    func cleansUp() async throws {
        let (signals, feed) = AsyncStream<Int32>.makeStream()
        let run = CommandRun(signals: signals)

        let end = await run {
            feed.yield(SIGTERM)
            try? await Task.sleep(for: .seconds(3600))
            return .tryLater
        }

        guard case .finished(.success(.tryLater), .signal(SIGTERM)) = end else {
            Issue.record("ended otherwise: \(end)")
            return
        }
    }

    @Test("A body that does not react is left behind when its grace time is over")
    func hangs() async {
        let run = CommandRun(timeout: .milliseconds(10), grace: .milliseconds(10))
        let (released, release) = AsyncStream<Void>.makeStream()

        let end = await run {
            // A task of its own does not hear the cancellation.
            await Task { for await _ in released {} }.value
            return .ok
        }

        guard case .abandoned(.deadline) = end else {
            Issue.record("ended otherwise: \(end)")
            return
        }
        release.finish()
    }

    @Test("A caller that is cancelled cancels the command it called, and hears of it")
    func caller() async throws {
        let utility = ManagementUtility(apps: [SampleApp.config])
        let call = Task { try await utility.callCommand("waits", environment: [:]) }

        call.cancel()

        await #expect(throws: CancellationError.self) { try await call.value }
    }
}
