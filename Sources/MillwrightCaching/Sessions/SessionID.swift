// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What the cookie holds: 256 random bits that the server has drawn.
///
/// Neither store knows it: they have its SHA-256.
public struct SessionID: Sendable, Hashable {
    /// The text for the cookie: 43 letters, digits, `-` and `_`.
    ///
    /// Whoever has it is the user: do not log it.
    public let text: String
    /// The key of its row, which a request needs several times.
    let key: String

    /// Draws a new one.
    public init() {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<4).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
        self.init(text: Base64URL.encode(bytes))
    }

    private init(text: String) {
        self.text = text
        self.key = Base64URL.digest(of: text)
    }

    /// Reads what a client sent; `nil` where it cannot be an id of ours.
    ///
    /// That it has the form does not mean that there is such a session: one that the store does not have is never taken over.
    public init?(cookie text: String) {
        guard text.utf8.count == 43, Base64URL.isEveryLetter(of: text) else { return nil }
        self.init(text: text)
    }
}

extension SessionID: CustomStringConvertible, CustomReflectable {
    /// Not the text.
    public var description: String { "***" }
    /// Not the text.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
