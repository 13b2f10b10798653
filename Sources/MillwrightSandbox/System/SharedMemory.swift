// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// A piece of System V shared memory, by which PostgreSQL sees that a killed server's backends still live.
///
/// A server that is killed leaves its piece behind, and the system has room for 4096 of them.
struct SharedMemory: Sendable, Hashable {
    var key: Int32
    var id: Int32

    /// Removes it, unless it is in use or its id has been given to another piece.
    func release() {
        var status = shmid_ds()
        guard shmctl(self.id, IPC_STAT, &status) == 0, status.shm_perm.__key == self.key, status.shm_nattch == 0 else {
            return
        }
        shmctl(self.id, IPC_RMID, nil)
    }
}
