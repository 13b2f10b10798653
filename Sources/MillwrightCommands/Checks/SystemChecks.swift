// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Every system check of Millwright, in the order they run.
enum SystemChecks {
    static let all: [any SystemCheck] = [
        // Settings
        ValidSettings(),
        // Health
        ProbeBudget(),
        DrainBudget(),
        PoolBudget(),
        DescriptorBudget(),
        // Security
        ReadableSecrets(),
        PlainTextPasswords(),
        // Servers; they connect, so they run only when asked for.
        ReachableDatabase(),
        ReachableCache(),
        // Commands
        ShadowedOptions(),
    ]
}
