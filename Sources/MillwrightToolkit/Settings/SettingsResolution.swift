// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Configuration
import Synchronization

/// Lays the layers over each other and reads every key, noting which layer won.
struct SettingsResolution {
    private let reader: ConfigReader
    private let winner = Winner()
    private let origins: [String: [SettingsKey: SettingsOrigin]]

    /// Creates it from the layers, the strongest first.
    init(layers: [(name: String, layer: SettingsLayer)]) {
        let providers = layers.map { name, layer in
            InMemoryProvider(
                name: name,
                values: Dictionary(
                    layer.entries.map { entry in
                        let isSecret = SettingsSchema.field(of: entry.key)?.kind.isSecret ?? true
                        let value = ConfigValue(.string(entry.text), isSecret: isSecret)
                        return (AbsoluteConfigKey(entry.key.components), value)
                    },
                    uniquingKeysWith: { _, last in last }
                )
            )
        }
        self.origins = Dictionary(
            uniqueKeysWithValues: zip(providers, layers).map { provider, named in
                let pairs = named.layer.entries.map { ($0.key, $0.origin) }
                return (provider.providerName, Dictionary(pairs, uniquingKeysWith: { _, last in last }))
            }
        )
        self.reader = ConfigReader(providers: providers, accessReporter: self.winner)
    }

    /// The effective entry of a key, or `nil` where no layer has it.
    func entry(_ key: SettingsKey) -> SettingsEntry? {
        guard let text = self.reader.string(forKey: ConfigKey(key.components)), let name = self.winner.last,
            let origin = self.origins[name]?[key]
        else { return nil }
        return SettingsEntry(key: key, text: text, origin: origin)
    }
}

/// Remembers which provider answered last.
private final class Winner: AccessReporter {
    private let name = Mutex<String?>(nil)

    var last: String? { self.name.withLock { $0 } }

    func report(_ event: AccessEvent) {
        self.name.withLock { $0 = event.providerResults.last?.providerName }
    }
}
