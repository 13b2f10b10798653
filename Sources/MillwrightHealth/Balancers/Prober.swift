// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Who asks the health endpoint, how often, and when it gives a server up: what drains and budgets are measured against.
///
/// It is declared in the prober's own words, and what is left out is the prober's own default:
/// `k8s`, `alb interval 10s`, `haproxy inter 2s fall 3 rise 2`, `nginx max_fails=1 fail_timeout=10s`.
///
/// ```swift
/// let prober = try Prober("haproxy inter 2s fall 3")
/// print(prober.detectionTime ?? .zero, prober.drain)
/// ```
public struct Prober: Sendable, Hashable {
    /// The products whose rules are known.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The kubelet's readiness probe.
        case kubernetes = "k8s"
        /// An AWS Application Load Balancer.
        case alb
        /// HAProxy with `option httpchk`.
        case haproxy
        /// nginx without its commercial health checks: it never asks, it learns from requests that fail.
        case nginx
    }

    /// Which product it is.
    public let kind: Kind
    /// The time between two probes; for nginx how long it stays away from a server that failed (`fail_timeout`).
    public internal(set) var interval: Duration
    /// How long it waits for an answer; `nil` where it never asks.
    public internal(set) var timeout: Duration?
    /// So many failures in a row take a server out.
    public internal(set) var failures: Int
    /// So many passes in a row bring it back.
    public internal(set) var successes: Int

    /// The prober with its product's defaults.
    public init(_ kind: Kind) {
        self.kind = kind
        switch kind {
        case .kubernetes:
            (self.interval, self.timeout, self.failures, self.successes) = (.seconds(10), .seconds(1), 3, 1)
        case .alb: (self.interval, self.timeout, self.failures, self.successes) = (.seconds(30), .seconds(5), 2, 5)
        // Without `timeout check` a probe may take until the next one is due.
        case .haproxy: (self.interval, self.timeout, self.failures, self.successes) = (.seconds(2), .seconds(2), 3, 2)
        case .nginx: (self.interval, self.timeout, self.failures, self.successes) = (.seconds(10), nil, 1, 1)
        }
    }
}

extension Prober {
    /// The longest time from a server's first failing answer until no new request is sent to it; `nil` where nobody asks.
    ///
    /// A failure can come right after a probe, so the last of the needed probes begins that many intervals later, and it
    /// may take its whole timeout.
    public var detectionTime: Duration? {
        self.timeout.map { self.interval * self.failures + $0 }
    }

    /// How long a server should go on serving after its readiness fails.
    public var drain: Duration {
        switch self.kind {
        case .alb, .haproxy: self.detectionTime ?? Self.undeclaredDrain
        // Kubernetes takes a pod out when it is deleted, not when it fails a probe; that takes seconds to reach every node.
        case .kubernetes: Self.undeclaredDrain
        // Nobody looks: a moment in which kept-alive connections are told to close.
        case .nginx: .seconds(1)
        }
    }

    /// The drain where no prober is declared.
    public static let undeclaredDrain = Duration.seconds(8)

    /// How long it keeps an idle connection to a server and may still use it, by default; `nil` where it keeps none that long.
    public var keepsConnections: Duration? {
        switch self.kind {
        case .alb, .nginx: .seconds(60)
        case .haproxy, .kubernetes: nil
        }
    }

    /// How long the whole end of a process may take before it is killed; `nil` where the product does not kill.
    ///
    /// For Kubernetes it is the default of `terminationGracePeriodSeconds`.
    public var killsAfter: Duration? { self.kind == .kubernetes ? .seconds(30) : nil }
}

extension Prober: CustomStringConvertible {
    /// The declaration in full, in the product's own words.
    public var description: String {
        let words = ProberOption.all(of: self.kind).map { "\($0.name) \($0.text(self))" }
        return ([self.kind.rawValue] + words).joined(separator: " ")
    }
}
