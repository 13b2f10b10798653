// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// The system's own words for an `errno`.
enum SystemError {
    static func text(_ number: Int32) -> String { String(cString: strerror(number)) }
}
