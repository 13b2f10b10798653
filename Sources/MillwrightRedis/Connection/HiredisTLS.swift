// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

#if RedisTLS
import CHiredisSSL

// The one file that knows hiredis_ssl; built with the package trait `RedisTLS` only.

/// One connection's encryption.
final class HiredisTLS {
    private let tls: UnsafeMutableRawPointer
    private let redis: UnsafeMutableRawPointer
    /// OpenSSL's session, which lives as long as `redis`.
    private let session: UnsafeMutableRawPointer
    /// Whether bytes wait in hiredis' buffer.
    private(set) var isWriting = false
    /// Whether a write ever succeeded: until then the server's part of the handshake is what is waited for.
    private(set) var isAgreed = false

    /// Begins the handshake on a connected socket, which must outlive this.
    init(_ settings: RedisTLSSettings, host: String?, on redis: UnsafeMutableRawPointer) throws {
        var reason: UnsafePointer<CChar>?
        let created = mw_tls_create(
            settings.authorities,
            settings.authorities == nil ? settings.authoritiesFolder ?? Self.systemFolder : settings.authoritiesFolder,
            settings.certificate,
            settings.key,
            settings.verifiesServer ? 1 : 0,
            &reason
        )
        guard let created else {
            throw RedisError(.usage, serverMessage: reason.map { String(cString: $0) }, hint: Self.filesHint)
        }
        var refusal: UnsafePointer<CChar>?
        guard let session = mw_tls_begin(redis, created, settings.serverName ?? host, &refusal) else {
            mw_tls_free(created)
            throw RedisError(.connectionFailed, serverMessage: Self.reason(refusal, redis))
        }
        self.tls = created
        self.redis = redis
        self.session = session
    }

    deinit { mw_tls_free(self.tls) }

    func read(into room: UnsafeMutableRawBufferPointer) -> HiredisSocket.ReadResult {
        let count = mw_tls_read(self.redis, room.baseAddress, room.count)
        return count > 0 ? .bytes(count) : count == 0 ? .nothingYet : .ended(reason: self.reason)
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> HiredisSocket.WriteResult {
        // OpenSSL wants the same bytes again until they are written, so no others may come behind them.
        if self.isWriting {
            guard self.proceed(with: UnsafeRawBufferPointer(start: nil, count: 0)) else {
                return .ended(reason: self.reason)
            }
            if self.isWriting { return .full }
        }
        return self.proceed(with: bytes) ? .bytes(bytes.count) : .ended(reason: self.reason)
    }

    private func proceed(with bytes: UnsafeRawBufferPointer) -> Bool {
        let result = mw_tls_write(self.redis, bytes.baseAddress, bytes.count)
        self.isWriting = result == 0
        if result == 1 { self.isAgreed = true }
        return result >= 0
    }

    /// When the server's certificate ends, in seconds since 1970-01-01 00:00 UTC; `nil` before it has shown one.
    var certificateEnd: Double? {
        let seconds = mw_tls_certificate_end(self.session)
        return seconds == 0 ? nil : Double(seconds)
    }

    private var reason: String { Self.reason(mw_tls_refusal(self.session), self.redis) }

    /// What is wrong with the server's certificate, or what hiredis says.
    private static func reason(_ refusal: UnsafePointer<CChar>?, _ redis: UnsafeMutableRawPointer) -> String {
        refusal.map { "its certificate is refused: " + String(cString: $0) } ?? String(cString: mw_tls_reason(redis))
    }

    private static let systemFolder = "/etc/ssl/certs"
    private static let filesHint = "A file of certificates or keys could not be used."
}
#endif
