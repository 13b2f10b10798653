// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension MigrationPlan {
    /// The steps, where nothing is in the way.
    ///
    /// - Throws: ``MigrationError`` with every problem, where there are any.
    public func stepsIfSound() throws -> [MigrationStep] {
        guard self.problems.isEmpty else { throw MigrationError.refused(self.problems) }
        return self.steps
    }
}
