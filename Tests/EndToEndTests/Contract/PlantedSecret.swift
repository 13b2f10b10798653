// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation

/// A password with every character that is special somewhere, and the shapes in which it could leave.
enum PlantedSecret {
    static let password = "p@ss/w%rd 1"
    /// As it stands in an address.
    static let encoded = "p%40ss%2Fw%25rd%201"

    /// The shapes of the secret that a text holds; empty where it holds none.
    static func shapes(in text: String) -> [String] { Self.allShapes.filter { text.contains($0) } }

    // Base64 of the password alone, and behind the user as HTTP and AUTH write them; without padding, it may go on.
    private static let allShapes =
        [Self.password, Self.encoded, Self.encoded.lowercased(), "p@ss/w%rd", "p%40ss"]
        + [Self.password, "app:" + Self.password, ":" + Self.password].map { text in
            Data(text.utf8).base64EncodedString().replacing("=", with: "")
        }
}
