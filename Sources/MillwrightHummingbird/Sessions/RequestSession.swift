// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import Hummingbird
import MillwrightCaching
public import MillwrightCore
import Synchronization

/// A request context that has a session; ``SessionMiddleware`` fills it.
public protocol SessionRequestContext: RequestContext {
    /// The session of whoever sent the request.
    var session: RequestSession { get set }
}

/// The session of one request: what its handlers read and change.
///
/// What they changed is stored when the answer is made.
///
/// Without a session of the client's it is empty, and one begins with the first change.
public final class RequestSession: Sendable {
    /// What the handlers want done, in the order of precedence.
    enum Wish: Sendable, Hashable {
        case none
        case renew
        case logIn(user: String)
        case logOut
    }

    private struct State {
        var session: Session?
        var values: [String: JSONValue] = [:]
        var wish = Wish.none
    }

    private let state: Mutex<State>

    /// Creates the session of a request that has none yet; a context starts with it.
    public init() { self.state = Mutex(State()) }

    init(_ session: Session?) { self.state = Mutex(State(session: session)) }

    /// A value; `nil` where there is none, and to remove it.
    public subscript(key: String) -> JSONValue? {
        get { self.state.withLock { state in state.session.map { $0[key] } ?? state.values[key] } }
        set {
            self.state.withLock { state in
                if state.session != nil { state.session?[key] = newValue } else { state.values[key] = newValue }
            }
        }
    }

    /// All values, with what this request has changed.
    public var values: [String: JSONValue] { self.state.withLock { $0.session?.values ?? $0.values } }

    /// Who is logged in; `nil` where nobody is.
    public var user: String? {
        self.state.withLock { state in
            switch state.wish {
            case .logIn(let user): user
            case .logOut: nil
            case .none, .renew: state.session?.user
            }
        }
    }

    /// Logs a user in: the session gets a new id, so that an id somebody knew before leads nowhere.
    public func logIn(user: String) { self.state.withLock { $0.wish = .logIn(user: user) } }

    /// Gives the session a new id, where the user may do more from now on: after a second factor, or in another role.
    ///
    /// The old id leads nowhere then. A login does the same by itself.
    public func renewID() { self.state.withLock { if $0.wish == .none { $0.wish = .renew } } }

    /// Ends the session on every node.
    public func logOut() {
        self.state.withLock { state in
            state.wish = .logOut
            state.values = [:]
        }
    }

    /// What is to be done once the answer is made.
    var outcome: (session: Session?, values: [String: JSONValue], wish: Wish) {
        self.state.withLock { ($0.session, $0.values, $0.wish) }
    }
}
