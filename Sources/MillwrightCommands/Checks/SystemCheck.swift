// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
public import MillwrightToolkit

/// A check of the project itself: settings, secrets, commands.
///
/// It answers with a verdict and never throws; one that cannot tell says `unknown`.
public protocol SystemCheck: Check {
    /// What it is about.
    static var tags: [CheckTag] { get }
    /// Whether it runs only with `--deploy`.
    static var isForDeploy: Bool { get }

    /// Looks and says what it saw.
    func verdict(in context: SystemCheckContext) async -> Verdict
}

extension SystemCheck {
    /// No.
    public static var isForDeploy: Bool { false }
}

/// What a system check may look at.
public struct SystemCheckContext: Sendable {
    /// What reading the settings gave, problems included.
    public var settings: SettingsResult
    /// Opens databases and caches.
    public var toolkit: Toolkit
    /// The registered apps.
    public var registry: CommandRegistry
    /// The alias that `--database` names.
    public var database: String
    /// The alias that `--cache` names.
    public var cache: String
}
