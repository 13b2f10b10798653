// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis

/// What is done to a session's key in Redis: each in one script, so that nothing comes between its look and its write.
///
/// None of them writes a copy where nothing stands: a command that lands late, after a flush or an eviction, must not bring back what
/// was replaced meanwhile.
enum SessionScripts {
    /// Replaces an older copy, and removes the token of a reader whose answer may be older than this.
    ///
    /// `ARGV`: version, copy, milliseconds to live, `1` where an equal version is replaced as well (only its expiry has
    /// changed).
    static let apply = RedisScript(
        """
        local head = redis.call('GETRANGE', KEYS[1], 0, 20)
        local kind = string.sub(head, 1, 1)
        if kind == 'T' then return redis.call('DEL', KEYS[1]) end
        if kind ~= 'V' and kind ~= 'X' then return 0 end
        local stored = tonumber(string.match(head, '^[VX](%d+)'))
        local new = tonumber(ARGV[1])
        if kind == 'X' and stored == new then return 0 end
        if stored > new or (stored == new and ARGV[4] ~= '1') then return 0 end
        redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
        return 1
        """
    )

    /// Puts tombstones, unless what stands there is newer.
    ///
    /// `ARGV`: milliseconds to live, then the version of each key.
    static let bury = RedisScript(
        """
        for place, key in ipairs(KEYS) do
            local stored = string.match(redis.call('GETRANGE', key, 0, 20), '^[VX](%d+)')
            local new = ARGV[place + 1]
            if not stored or tonumber(stored) <= tonumber(new) then
                redis.call('SET', key, 'X' .. new, 'PX', ARGV[1])
            end
        end
        return #KEYS
        """
    )

    /// Fills the key where the reader's token still stands.
    ///
    /// `ARGV`: token, copy, milliseconds to live.
    static let fill = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
        return 1
        """
    )
}
