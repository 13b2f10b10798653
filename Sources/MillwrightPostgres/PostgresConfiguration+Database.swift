// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

extension PostgresConfiguration {
    /// The same configuration for another database of that server.
    ///
    /// ```swift
    /// let configuration = PostgresConfiguration("postgres://app@/erp")
    /// let other = try configuration.connecting(toDatabase: "erp_copy")
    /// print(other.applicationName)
    /// ```
    ///
    /// - Throws: `PostgresError` where the connection string is not understood.
    public func connecting(toDatabase name: String) throws -> PostgresConfiguration {
        var parameters = try Conninfo.parse(self.url.reveal()).filter { $0.keyword != "dbname" }
        parameters.append(("dbname", name))
        var other = self
        other.url = Secret(Self.string(of: parameters))
        return other
    }

    /// With what one of PostgreSQL's own programs reaches the same database: a connection string without secrets, which may stand
    /// on a command line, and the password, which belongs into the environment as `PGPASSWORD`.
    ///
    /// - Throws: `PostgresError` where the connection string is not understood.
    public func programArguments() throws -> (connection: String, password: Secret<String>?) {
        let parameters = try Conninfo.parse(self.url.reveal())
        let open = parameters.filter { $0.keyword != "password" && $0.keyword != "sslpassword" }
        return (Self.string(of: open), parameters.last { $0.keyword == "password" }.map { Secret($0.value) })
    }

    private static func string(of parameters: [(keyword: String, value: String)]) -> String {
        parameters.map { keyword, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
            return "\(keyword)='\(escaped)'"
        }.joined(separator: " ")
    }
}
