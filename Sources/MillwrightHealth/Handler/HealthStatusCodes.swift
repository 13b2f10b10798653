// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Which HTTP status stands for which answer.
///
/// Ordinarily 200 for `pass` and `warn`, 503 for `fail`; Consul wants 429 for a warning.
public struct HealthStatusCodes: Sendable, Hashable {
    private let codes: [HealthStatus: Int]

    /// 200, 200 and 503.
    public static let standard = HealthStatusCodes(all: [.pass: 200, .warn: 200, .fail: 503])

    /// Takes a code for each status.
    ///
    /// - Throws: ``HealthSetupError`` where a status has no code, or one that says the opposite to a balancer.
    public init(_ codes: [HealthStatus: Int]) throws {
        let problems = HealthStatus.allCases.compactMap { Self.problem($0, codes[$0]) }
        guard problems.isEmpty else { throw HealthSetupError(problems: problems) }
        self.init(all: codes)
    }

    private init(all codes: [HealthStatus: Int]) { self.codes = codes }

    /// The code of a status.
    public func code(of status: HealthStatus) -> Int { self.codes[status] ?? 503 }

    private static func problem(_ status: HealthStatus, _ code: Int?) -> String? {
        guard let code else { return "The health status `\(status.rawValue)` has no HTTP status." }
        switch status {
        case .pass where !(200...299).contains(code):
            return "The health status `pass` has the HTTP status \(code), which no balancer takes for healthy: use 200."
        case .fail where !(400...599).contains(code):
            return "The health status `fail` has the HTTP status \(code), which balancers take for healthy: use 503."
        case .warn where !(200...599).contains(code) || (300...399).contains(code):
            return "The health status `warn` has the HTTP status \(code), which is no answer: use 200."
        default: return nil
        }
    }
}
