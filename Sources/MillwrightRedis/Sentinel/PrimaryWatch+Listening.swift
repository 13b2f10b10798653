// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightIO

extension PrimaryWatch {
    private static let backoff = Backoff(base: .milliseconds(250), cap: .seconds(5))

    /// Listens to each known Sentinel, so that the failover is known when the first of them announces it.
    ///
    /// To all of them, because the one that would be chosen may be the one that is frozen or cut off. Asking in turn goes on
    /// beside it: it finds what was announced while nobody listened, and is all there is where a Sentinel forbids to subscribe.
    func listenToSentinels() {
        let known = Set(self.state.sentinels)
        for sentinel in self.listening.keys where !known.contains(sentinel) {
            self.listening.removeValue(forKey: sentinel)?.cancel()
        }
        for sentinel in known where self.listening[sentinel] == nil { self.listen(to: sentinel) }
    }

    /// Listens until the watch is closed or let go, which cancels it.
    private func listen(to sentinel: RedisConfiguration.Endpoint) {
        let configuration = self.sentinels.configuration(of: sentinel)
        let name = self.sentinels.primaryName
        self.listening[sentinel] = Task(executorPreference: self.loop) { [weak self, loop = self.loop] in
            var failures = 0
            while !Task.isCancelled {
                do {
                    let subscriber = try await RedisSubscriber.connect(
                        configuration,
                        pingInterval: .seconds(1),
                        loop: loop
                    )
                    try await subscriber.subscribe(to: [SwitchAnnouncement.channel])
                    failures = 0
                    for try await message in subscriber.messages {
                        guard let announcement = message.text.flatMap(SwitchAnnouncement.init),
                            announcement.name == name
                        else { continue }
                        await self?.heard(announcement, from: sentinel)
                    }
                } catch {}
                // Nobody is told: who cannot be listened to is asked, and that has its own report.
                failures += 1
                try? await Task.sleep(for: Self.backoff.delay(attempt: failures - 1, random: .random(in: 0...1)))
            }
        }
    }

    /// The old primary is dropped in the turn in which this is heard; the new one is trusted when it says itself that it is one.
    private func heard(_ announcement: SwitchAnnouncement, from sentinel: RedisConfiguration.Endpoint) {
        guard !self.isClosed else { return }
        let isNews = self.change { $0.announced(from: announcement.old, to: announcement.new, by: sentinel) }
        guard isNews else { return }
        self.search.hasNews(at: .now)
        self.nap?.cancel()
    }
}
