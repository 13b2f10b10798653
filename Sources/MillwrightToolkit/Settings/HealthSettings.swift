// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
public import MillwrightHealth

/// How the health endpoint looks and answers: `health`.
public struct HealthSettings: Sendable, Hashable {
    /// How often the sampler runs the checks.
    public var interval: Duration
    /// How long one check may take.
    public var checkTimeout: Duration
    /// How long an answer may take.
    public var budget: Duration
    /// Who asks the endpoint; `nil` where it is not declared.
    public var prober: Prober?
    /// How long the server keeps answering "not ready" before it stops.
    public var drain: Duration
    /// How a node that drains says so.
    public var drainMode: DrainMode
    /// Networks of the load balancers whose word about the farm is believed (`X-Haproxy-Server-State`).
    public var balancers: [String]
    /// Whether anybody is shown what each check said.
    public var showsDetails: Bool
    /// The bearer token that shows it to whoever has it.
    public var token: Secret<String>?
    /// Networks (`10.0.0.0/8`) whose clients are shown it.
    public var trustedNetworks: [String]
    /// Proxies whose `X-Forwarded-For` is believed.
    public var trustedProxies: [String]
    /// Checks that can be asked for together by a name.
    public var groups: [HealthGroup]
    /// The HTTP status of each answer.
    public var statusCodes: HealthStatusCodes
    /// What is said of single checks: by the check's name, then by the key.
    public var checks: [String: [String: String]]

    /// Creates the settings; what is left out is the default, and the drain's default follows from the prober.
    public init(
        interval: Duration = .seconds(2),
        checkTimeout: Duration = .milliseconds(500),
        budget: Duration = .milliseconds(800),
        prober: Prober? = nil,
        drain: Duration? = nil,
        drainMode: DrainMode = .status503,
        balancers: [String] = [],
        showsDetails: Bool = false,
        token: Secret<String>? = nil,
        trustedNetworks: [String] = [],
        trustedProxies: [String] = [],
        groups: [HealthGroup] = [],
        statusCodes: HealthStatusCodes = .standard,
        checks: [String: [String: String]] = [:]
    ) {
        self.interval = interval
        self.checkTimeout = checkTimeout
        self.budget = budget
        self.prober = prober
        self.drain = drain ?? prober?.drain ?? Prober.undeclaredDrain
        self.drainMode = drainMode
        self.balancers = balancers
        self.showsDetails = showsDetails
        self.token = token
        self.trustedNetworks = trustedNetworks
        self.trustedProxies = trustedProxies
        self.groups = groups
        self.statusCodes = statusCodes
        self.checks = checks
    }
}
