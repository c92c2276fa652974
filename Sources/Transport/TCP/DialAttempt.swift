internal import NIOCore
internal import Synchronization

/// The channels of one dial, one for each address of a name, so that a cancelled task closes them.
final class DialAttempt: Sendable {
    private typealias Try = (channel: any Channel, handshake: EventLoopFuture<YamuxConnection>)
    private let state = Mutex<(tries: [Try], isCancelled: Bool)>(([], false))

    func begin(_ channel: any Channel, _ handshake: EventLoopFuture<YamuxConnection>) {
        let isCancelled = state.withLock { state in
            state.tries.append((channel, handshake))
            return state.isCancelled
        }
        if isCancelled { channel.close(promise: nil) }
    }

    func handshake(of channel: any Channel) -> EventLoopFuture<YamuxConnection>? {
        state.withLock { state in state.tries.first { $0.channel === channel }?.handshake }
    }

    func cancel() {
        let tries = state.withLock { state in
            state.isCancelled = true
            return state.tries
        }
        for attempt in tries { attempt.channel.close(promise: nil) }
    }
}
