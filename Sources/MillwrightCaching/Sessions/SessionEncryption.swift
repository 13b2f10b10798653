// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Crypto
public import MillwrightCore

/// Keys that payloads are encrypted with (AES-GCM, 256 bit), the newest first.
///
/// New payloads get the first key; each says which one it has, so that a key can be taken out when nothing old is left. A payload is bound
/// to its row: moved to another one it does not open.
public struct SessionEncryption: Sendable {
    private let keys: [(name: String, key: SymmetricKey)]

    /// Reads keys of the form `name:key`, where the key is 32 bytes in base 64 (`openssl rand -base64 32`); the first is for new payloads.
    public init(_ texts: [Secret<String>]) throws {
        self.keys = try texts.map { secret in
            let parts = secret.reveal().split(separator: ":", maxSplits: 1)
            let text = parts.last.map {
                $0.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
            }
            guard parts.count == 2, (1...32).contains(parts[0].utf8.count), let text,
                let bytes = Base64URL.decode(text),
                bytes.count == 32
            else {
                throw SessionError(
                    .usage,
                    hint: "A session key is written as `name:key`, the key being 32 bytes in base 64."
                )
            }
            return (String(parts[0]), SymmetricKey(data: bytes))
        }
        guard !self.keys.isEmpty else { throw SessionError(.usage, hint: "No session key was given.") }
    }

    func seal(_ plain: [UInt8], row: String) throws -> [UInt8] {
        let (name, key) = self.keys[0]
        let box = try AES.GCM.seal(plain, using: key, authenticating: Array(row.utf8))
        guard let combined = box.combined else { throw SessionError(.cannotOpen) }
        return [UInt8(name.utf8.count)] + Array(name.utf8) + Array(combined)
    }

    func open(_ sealed: ArraySlice<UInt8>, row: String) throws -> [UInt8] {
        guard let count = sealed.first, sealed.count > Int(count) else { throw SessionError(.cannotOpen) }
        let name = String(decoding: sealed.dropFirst().prefix(Int(count)), as: UTF8.self)
        guard let key = self.keys.first(where: { $0.name == name })?.key else {
            throw SessionError(.cannotOpen, hint: "The key it was encrypted with is not among the configured ones.")
        }
        do {
            let box = try AES.GCM.SealedBox(combined: Array(sealed.dropFirst(1 + Int(count))))
            return Array(try AES.GCM.open(box, using: key, authenticating: Array(row.utf8)))
        } catch {
            throw SessionError(.cannotOpen, hint: "It was changed, or belongs to another session.")
        }
    }
}
