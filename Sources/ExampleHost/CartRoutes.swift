// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Hummingbird
import Millwright
import MillwrightHummingbird

/// A cart that lives in the session, a login and a logout: `GET /cart`, `POST /cart/:sku`, `POST /login/:user`, `POST /logout`.
///
/// The login believes everybody: this is an example of sessions, not of passwords.
struct CartRoutes {
    /// What `GET /cart` answers.
    struct Cart: ResponseEncodable, Encodable {
        var user: String?
        var items: [String: Int]
    }

    var endpoints: RouteCollection<ERPRequestContext> {
        let routes = RouteCollection(context: ERPRequestContext.self)
        routes.get("cart") { _, context in Self.cart(of: context.session) }
        routes.post("cart/:sku") { _, context in
            let sku = try context.parameters.require("sku")
            // A key for each item: of two requests that put in different ones at once, both keep theirs.
            context.session["item:\(sku)"] = .int(Self.count(context.session["item:\(sku)"]) + 1)
            return Self.cart(of: context.session)
        }
        routes.post("login/:user") { _, context in
            context.session.logIn(user: try context.parameters.require("user"))
            return Self.cart(of: context.session)
        }
        routes.post("logout") { _, context in
            context.session.logOut()
            return Response(status: .noContent)
        }
        return routes
    }

    private static func cart(of session: RequestSession) -> Cart {
        let items = session.values.filter { $0.key.hasPrefix("item:") }.map {
            (String($0.key.dropFirst(5)), Self.count($0.value))
        }
        return Cart(user: session.user, items: Dictionary(items) { $1 })
    }

    private static func count(_ value: JSONValue?) -> Int { if case .int(let count)? = value { count } else { 0 } }
}
