// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Crypto
import MillwrightCore

/// Signs as `django.core.signing` does, with SHA-256 and Django's way of deriving keys.
///
/// Source of the formats: Django's `django/core/signing.py` and `django/utils/crypto.py`, releases 4.0 to 6.1.
struct DjangoSigner: Sendable {
    /// `SECRET_KEY`, and then `SECRET_KEY_FALLBACKS`; the first one signs.
    let secrets: [Secret<String>]
    /// What the signature is for, so that one of another purpose does not fit.
    let salt: String

    /// The value with the time and the signature: `value:time:signature`.
    func sign(_ value: String, atSeconds seconds: Int) -> String {
        let stamped = "\(value):\(Self.base62(seconds))"
        guard let secret = self.secrets.first else { return stamped }
        return "\(stamped):\(Base64URL.encode(Array(self.authentication(of: stamped, secret))))"
    }

    /// The value, where one of the secrets has signed it; `nil` otherwise.
    func unsign(_ text: String) -> String? {
        guard let colon = text.lastIndex(of: ":"),
            let signature = Base64URL.decode(text[text.index(after: colon)...])
        else { return nil }
        let stamped = String(text[..<colon])
        let isSigned = self.secrets.contains { secret in
            let key = Self.key(self.salt + "signer", secret)
            // Compares in constant time.
            return HMAC<SHA256>.isValidAuthenticationCode(
                signature,
                authenticating: Array(stamped.utf8),
                using: key
            )
        }
        guard isSigned, let second = stamped.lastIndex(of: ":") else { return nil }
        return String(stamped[..<second])
    }

    private func authentication(of text: String, _ secret: Secret<String>) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: Self.key(self.salt + "signer", secret))
    }

    /// The key of a salted HMAC.
    static func key(_ salt: String, _ secret: Secret<String>) -> SymmetricKey {
        SymmetricKey(data: SHA256.hash(data: Array((salt + secret.reveal()).utf8)))
    }

    private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

    /// A number in base 62.
    static func base62(_ number: Int) -> String {
        var (rest, text) = (max(0, number), "")
        repeat {
            text.insert(Self.digits[rest % 62], at: text.startIndex)
            rest /= 62
        } while rest > 0
        return text
    }
}
