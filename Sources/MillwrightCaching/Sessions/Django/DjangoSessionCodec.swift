// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Crypto
public import MillwrightCore

/// Reads and writes `django_session.session_data`, so that a Django application and a Swift host share their logins.
///
/// ```swift
/// import MillwrightCore
///
/// let codec = DjangoSessionCodec(secretKey: Secret("django-insecure-test-key"))
/// let text = codec.encode(["_auth_user_id": .string("42")], atSeconds: 1_700_000_000)
/// print(codec.decode(text)?["_auth_user_id"] ?? .null)
/// ```
public struct DjangoSessionCodec: Sendable {
    private let signer: DjangoSigner

    /// Creates a codec.
    ///
    /// - Parameters:
    ///   - secretKey: Django's `SECRET_KEY`.
    ///   - fallbacks: its `SECRET_KEY_FALLBACKS`: older keys, which read and do not sign.
    ///   - salt: the name of the session store's class; another one where the project has subclassed it.
    public init(
        secretKey: Secret<String>,
        fallbacks: [Secret<String>] = [],
        salt: String = "django.contrib.sessions.SessionStore"
    ) {
        self.signer = DjangoSigner(secrets: [secretKey] + fallbacks, salt: salt)
    }

    /// The text of a session.
    ///
    /// - Parameter seconds: when it is signed, in seconds since 1970; Django does not look at it for sessions.
    public func encode(_ values: [String: JSONValue], atSeconds seconds: Int) -> String {
        let members = values.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
        let json = Self.ascii(JSONValue.object(members).text(pretty: false))
        if let short = Zlib.compressed(json), short.count < json.count - 1 {
            return self.signer.sign("." + Base64URL.encode(short), atSeconds: seconds)
        }
        return self.signer.sign(Base64URL.encode(json), atSeconds: seconds)
    }

    /// The values of a session, or `nil` where the signature is not ours or the text is damaged: to Django that is an empty session.
    public func decode(_ text: String) -> [String: JSONValue]? {
        guard let payload = self.signer.unsign(text) else { return nil }
        let isCompressed = payload.hasPrefix(".")
        guard let bytes = Base64URL.decode(isCompressed ? payload.dropFirst() : payload[...]),
            let json = isCompressed ? Zlib.expanded(bytes) : bytes,
            case .object(let members)? = JSONValue(parsing: json[...])
        else { return nil }
        return Dictionary(members.map { ($0.key, $0.value) }) { $1 }
    }

    /// Whether a session's login still holds: Django logs everybody out whose password has changed since.
    ///
    /// - Parameter storedPassword: `auth_user.password`, as it stands in the table.
    public func isLoginValid(_ values: [String: JSONValue], storedPassword: String) -> Bool {
        guard case .string(let text)? = values["_auth_user_hash"], let hash = Self.bytes(hexadecimal: text) else {
            return false
        }
        let salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
        return self.signer.secrets.contains { secret in
            HMAC<SHA256>.isValidAuthenticationCode(
                hash,
                authenticating: Array(storedPassword.utf8),
                using: DjangoSigner.key(salt, secret)
            )
        }
    }

    /// Python writes everything beyond ASCII as `\\u` and the UTF-16 unit.
    private static func ascii(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for unit in text.utf16 {
            if unit < 0x80 {
                bytes.append(UInt8(unit))
            } else {
                let digits = String(unit, radix: 16)
                bytes +=
                    Array("\\u".utf8) + Array(String(repeating: "0", count: 4 - digits.count).utf8) + Array(digits.utf8)
            }
        }
        return bytes
    }

    private static func bytes(hexadecimal text: String) -> [UInt8]? {
        let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8((digits[$0] ?? 0) << 4 | (digits[$0 + 1] ?? 0)) }
    }
}
