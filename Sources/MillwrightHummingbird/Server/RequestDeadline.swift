// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import NIOCore
import NIOHTTPTypes

/// Closes a connection whose request's head takes too long.
///
/// Hummingbird's own timeout runs from the last answer, so it must be as long as a balancer keeps connections; a client that
/// sends a header a second would be let in for all of it. This one runs from the request's first byte.
final class RequestDeadline: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limit: TimeAmount
    /// When the head that is being read must be complete; `nil` while none is.
    private var deadline: NIODeadline?
    /// Whether a request has been read and its answer is not complete.
    private var isAnswering = false
    private var alarm: Scheduled<Void>?

    init(_ limit: TimeAmount) { self.limit = limit }

    /// Listens for bytes in front of the decoder, which says nothing of a head before it is complete.
    func handlerAdded(context: ChannelHandlerContext) {
        try? context.pipeline.syncOperations.addHandler(FirstByte(self), position: .first)
        // A connection that says nothing at all counts as a slow one.
        self.begin(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.alarm?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        self.alarm?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head = self.unwrapInboundIn(data) {
            self.deadline = nil
            self.isAnswering = true
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = self.unwrapOutboundIn(data) { self.isAnswering = false }
        context.write(data, promise: promise)
    }

    fileprivate func bytesArrived(_ context: ChannelHandlerContext) {
        guard !self.isAnswering, self.deadline == nil else { return }
        self.begin(context)
    }

    /// One alarm at a time: it looks at the deadline when it rings, so a busy connection does not set one for every request.
    private func begin(_ context: ChannelHandlerContext) {
        let deadline = NIODeadline.now() + self.limit
        self.deadline = deadline
        if self.alarm == nil { self.setAlarm(at: deadline, context) }
    }

    private func setAlarm(at time: NIODeadline, _ context: ChannelHandlerContext) {
        self.alarm = context.eventLoop.assumeIsolated().scheduleTask(deadline: time) {
            self.alarm = nil
            guard let deadline = self.deadline else { return }
            if deadline <= .now() { context.close(promise: nil) } else { self.setAlarm(at: deadline, context) }
        }
    }
}

/// Tells the deadline that bytes arrived.
private final class FirstByte: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let deadline: RequestDeadline

    init(_ deadline: RequestDeadline) { self.deadline = deadline }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.deadline.bytesArrived(context)
        context.fireChannelRead(data)
    }
}
