// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// The descriptors 0, 1 and 2 at start.
enum StandardDescriptors {
    /// Opens `/dev/null` for each that is closed, so that no socket or file opened later is taken for a stream.
    static func openMissing() {
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) == -1 {
            // The lowest free number is taken: the one just found, because all below it are open.
            _ = open("/dev/null", O_RDWR)
        }
    }
}
