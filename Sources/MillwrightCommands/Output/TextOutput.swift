// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import Synchronization

/// Where a command's text goes: a file descriptor, or memory for tests and for calls from code.
///
/// Writing never throws: a failed write is remembered and looked at when the command ends, so that a full disk is an
/// error and a reader that went away (`manage tune | head`) is not.
public final class TextOutput: Sendable {
    /// What writing came to.
    public enum Failure: Sendable, Hashable {
        /// The reader went away (`EPIPE`): nobody is interested any more.
        case readerLeft
        /// Anything else, by its `errno`.
        case failed(Int32)
    }

    private struct State {
        var pending: [UInt8] = []
        var isHeld = false
        var failure: Failure?
    }

    private static let chunk = 65_536

    private let descriptor: Int32?
    private let state = Mutex(State())

    /// Writes to a file descriptor, which stays open.
    public init(descriptor: Int32) { self.descriptor = descriptor }

    /// Keeps everything in memory.
    public init() { self.descriptor = nil }

    /// Whether a person reads it.
    public var isTerminal: Bool { self.descriptor.map { isatty($0) == 1 } ?? false }

    /// Whether it goes to a file descriptor, and not to memory.
    var isDescriptor: Bool { self.descriptor != nil }

    /// What went wrong, if anything.
    public var failure: Failure? { self.state.withLock { $0.failure } }

    /// Everything kept and not yet written.
    public var text: String { String(decoding: self.state.withLock { $0.pending }, as: UTF8.self) }

    /// Writes text as it is.
    public func write(_ text: String) {
        self.state.withLock { state in
            state.pending += Array(text.utf8)
            if let descriptor, !state.isHeld, state.pending.count >= Self.chunk { Self.drain(&state, to: descriptor) }
        }
    }

    /// Writes text and ends the line if the text does not.
    public func writeLine(_ text: String) { self.write(text.hasSuffix("\n") ? text : text + "\n") }

    /// Hands everything written so far to the descriptor.
    public func flush() {
        guard let descriptor else { return }
        self.state.withLock { if !$0.isHeld { Self.drain(&$0, to: descriptor) } }
    }

    /// Keeps what is written from now on, until `release()`: it may still have to be replaced.
    func hold() { self.state.withLock { $0.isHeld = true } }

    /// Lets go what was held; `flush()` writes it.
    func release() { self.state.withLock { $0.isHeld = false } }

    /// Takes everything that is still kept.
    func take() -> String {
        self.state.withLock { state in
            defer { state.pending = [] }
            return String(decoding: state.pending, as: UTF8.self)
        }
    }

    /// Writes to a descriptor that may be non-blocking, because it is shared with another process that made it so.
    private static func drain(_ state: inout State, to descriptor: Int32) {
        var rest = state.pending[...]
        while !rest.isEmpty, state.failure == nil {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&wait, 1, 1000)
            case EPIPE: state.failure = .readerLeft
            default: state.failure = .failed(errno)
            }
        }
        state.pending = []
    }
}
