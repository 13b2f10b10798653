// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Hummingbird
import MillwrightHummingbird
import NIOCore

/// What the ERP knows of a request: its session, and the other end's address, which lets Millwright show details to trusted networks.
struct ERPRequestContext: SessionRequestContext, RemoteAddressRequestContext {
    var session = RequestSession()
    var coreContext: CoreRequestContextStorage
    let remoteAddress: SocketAddress?

    init(source: ApplicationRequestContextSource) {
        self.coreContext = CoreRequestContextStorage(source: source)
        self.remoteAddress = source.channel.remoteAddress
    }
}
