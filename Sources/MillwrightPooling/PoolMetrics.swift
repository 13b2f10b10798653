// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The names of the metrics that every pool of connections has.
///
/// All carry the labels `driver` (`postgresql` or `redis`) and `pool` (the name in ``PoolObservation``); the counters carry
/// `reason`, from a closed set.
///
/// ```swift
/// let query = "histogram_quantile(0.99, rate(\(PoolMetrics.wait)_bucket[5m]))"
/// ```
public enum PoolMetrics {
    /// Connections lent out or being opened, as a gauge.
    public static let inUse = "millwright_pool_in_use"
    /// Connections nobody uses, as a gauge.
    public static let idle = "millwright_pool_idle"
    /// Callers that wait for a connection, as a gauge.
    public static let waiting = "millwright_pool_waiting"
    /// How long callers waited for their connection, opening it included, as a timer; those turned away are not in it.
    public static let wait = "millwright_pool_wait_seconds"
    /// How long callers kept their connection, as a timer.
    public static let hold = "millwright_pool_hold_seconds"
    /// Connections opened, as a counter; `reason` is `demand`, `minimum` where the background opened it, or `shared` where it is the
    /// one that the plain commands of a Redis client share.
    public static let opened = "millwright_pool_opened_total"
    /// Connections that could not be opened, as a counter.
    public static let failedToOpen = "millwright_pool_failed_to_open_total"
    /// Connections closed, as a counter; `reason` is one of `PoolCloseReason`, or `shared`.
    public static let closed = "millwright_pool_closed_total"
    /// Callers turned away, as a counter; `reason` is `full`, `late`, `closed` or `breaker_open`.
    public static let refused = "millwright_pool_refused_total"
    /// How the breaker of the server stands, as a gauge: 0 closed, 1 probing, 2 open.
    public static let breaker = "millwright_pool_breaker_state"
}
