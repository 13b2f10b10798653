// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Millwright

/// A small ERP that mounts Millwright: its own commands stand beside Millwright's, and its server answers the health
/// paths.
@main
struct ERPHost {
    static func main() {
        ManagementUtility(apps: [BuiltInApps.millwright, .erp], program: "erp").main()
    }
}

extension AppConfig {
    /// What the ERP brings to the command line.
    static let erp = AppConfig(label: "erp", title: "ERP", commands: [ERPReport.self, RunServer.self])
}
