internal import Synchronization

/// What waits to be sent to one peer: bounded, urgent before ordinary, oldest first.
///
/// A peer that reads too slowly loses what is ordinary; so much urgent that even that does not fit ends its stream.
package final class OutboundQueue: Sendable {
    private struct State {
        var urgent: [[UInt8]] = []
        var ordinary: [[UInt8]] = []
        var bytes = 0
        var dropped: UInt64 = 0
        /// Nothing more is taken.
        var isClosed = false
        /// Nor is anything sent.
        var isOver = false
    }

    private let state = Mutex(State())
    private let lengthLimit: Int
    private let byteLimit: Int
    private let wakeups: AsyncStream<Void>
    private let wakeup: AsyncStream<Void>.Continuation
    /// Ends with ``finish()``.
    private let life: (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation)

    package init(lengthLimit: Int, byteLimit: Int) {
        self.lengthLimit = lengthLimit
        self.byteLimit = byteLimit
        (wakeups, wakeup) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        life = AsyncStream.makeStream()
    }

    /// RPCs that found no room.
    package var dropped: UInt64 { state.withLock(\.dropped) }

    /// Whether nothing waits, and nothing will.
    package var isSpent: Bool {
        state.withLock { $0.isOver || $0.isClosed && $0.urgent.isEmpty && $0.ordinary.isEmpty }
    }

    /// - Returns: false when something urgent found no room: the peer must be given up.
    package func push(_ bytes: [UInt8], isUrgent: Bool) -> Bool {
        let hasRoom = state.withLock { state -> Bool in
            guard !state.isClosed else { return true }
            while isUrgent, !fits(bytes, in: state), !state.ordinary.isEmpty {
                state.bytes -= state.ordinary.removeFirst().count
                state.dropped += 1
            }
            guard fits(bytes, in: state) else {
                state.dropped += 1
                return !isUrgent
            }
            state.bytes += bytes.count
            if isUrgent { state.urgent.append(bytes) } else { state.ordinary.append(bytes) }
            return true
        }
        wakeup.yield()
        return hasRoom
    }

    /// Takes nothing more: ``drain(_:)`` returns when all is sent.
    package func close() {
        state.withLock { $0.isClosed = true }
        wakeup.yield()
        wakeup.finish()
    }

    /// Ends the queue: ``drain(_:)`` returns after the RPC being sent.
    package func finish() {
        state.withLock { state in
            state.isClosed = true
            state.isOver = true
        }
        wakeup.finish()
        life.continuation.finish()
    }

    /// Waits for ``finish()``, or cancellation.
    package func finished() async { for await _ in life.stream {} }

    /// Sends one RPC after the other until ``close()``, ``finish()``, cancellation, or an error of `send`.
    package func drain(_ send: (_ bytes: [UInt8]) async throws -> Void) async throws {
        for await _ in wakeups {
            while let bytes = pop() { try await send(bytes) }
        }
    }

    private func pop() -> [UInt8]? {
        state.withLock { state in
            guard !state.isOver else { return nil }
            let next: [UInt8]
            if !state.urgent.isEmpty {
                next = state.urgent.removeFirst()
            } else if !state.ordinary.isEmpty {
                next = state.ordinary.removeFirst()
            } else {
                return nil
            }
            state.bytes -= next.count
            return next
        }
    }

    private func fits(_ bytes: [UInt8], in state: State) -> Bool {
        state.urgent.count + state.ordinary.count < lengthLimit && state.bytes + bytes.count <= byteLimit
    }
}
