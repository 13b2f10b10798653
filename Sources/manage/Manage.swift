// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Millwright
import MillwrightHummingbird

/// The ready-made command line, for hosts in any language.
@main
struct Manage {
    static func main() {
        ManagementUtility(apps: [BuiltInApps.millwright, BuiltInApps.server]).main()
    }
}
