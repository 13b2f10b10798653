// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO

extension PrimaryWatch {
    /// Begins to follow the primary; the work ends with the watch.
    func beginSearch() {
        guard self.searching == nil, !self.isClosed else { return }
        self.searching = Task(executorPreference: self.loop) { [weak self] in
            while let nap = await self?.nextNap() {
                await nap.value
                await self?.lookIfDue()
            }
        }
    }

    /// The pause until the next look; news ends it.
    private func nextNap() -> Task<Void, Never>? {
        guard !self.isClosed else { return nil }
        let due = self.search.due ?? .now
        let nap = Task { _ = try? await Task.sleep(until: due) }
        self.nap = nap
        return nap
    }

    private func lookIfDue() async {
        guard let due = self.search.due, due <= .now else { return }
        self.search.beginLook()
        var step = self.state.beginRound(at: self.start.duration(to: .now))
        while !self.isClosed {
            switch step {
            case .ask(let sentinel): step = await self.ask(sentinel)
            case .verify(let server): step = await self.verify(server)
            case .settled, .rest: return self.endLook()
            }
        }
    }

    private func endLook() {
        self.search.endLook(at: .now)
        // Not before something is connected: who wants one connection is gone by then.
        if self.isFollowing { self.listenToSentinels() }
        if self.search.isHopeless(after: self.configuration.connectTimeout, at: .now) { self.refuse() }
    }

    private func ask(_ sentinel: RedisConfiguration.Endpoint) async -> SentinelState.Step {
        var answer: SentinelAnswer?
        do {
            answer = try await self.line(to: sentinel).ask()
            if answer?.primary == nil { self.search.failure = Self.failure("They do not know that name.") }
        } catch {
            self.search.failure = Self.failure("One could not be asked.", error)
        }
        return self.change { state in
            if let answer { state.learnt(answer.others, from: sentinel) }
            return state.answered(sentinel, answer?.primary)
        }
    }

    private func verify(_ server: RedisConfiguration.Endpoint) async -> SentinelState.Step {
        let isPrimary = await self.isPrimary(server)
        return self.change { $0.verified(isPrimary) }
    }

    private func isPrimary(_ server: RedisConfiguration.Endpoint) async -> Bool {
        do {
            let configuration = self.configuration.primary(at: server, within: self.sentinels.timeout)
            try await RedisConnection.connect(configuration, loop: self.loop).close()
            return true
        } catch {
            self.search.failure = Self.failure("The server that they name does not serve as the primary.", error)
            // Who refuses our password is there; callers are told so when they connect.
            return [.noAuthentication, .wrongPassword, .noPermission].contains((error as? RedisError)?.code)
        }
    }

    private func line(to sentinel: RedisConfiguration.Endpoint) -> SentinelLine {
        if let line = self.lines[sentinel] { return line }
        let line = SentinelLine(sentinel, of: self.sentinels, loop: self.loop)
        self.lines[sentinel] = line
        return line
    }

    private static func failure(_ hint: String, _ error: (any Error)? = nil) -> RedisError {
        let error = error as? RedisError
        return RedisError(
            .noPrimary,
            serverMessage: error?.serverMessage,
            hint: [hint, error?.description].compactMap { $0 }.joined(separator: " ")
        )
    }
}
