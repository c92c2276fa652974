import Synchronization
import Transport

/// Tasks wait until it is opened, once and for all.
final class Latch: Sendable {
    private let state = Mutex<(isOpen: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

/// A value that several tasks see.
final class Shared<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) { state = Mutex(value) }

    var value: Value {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

/// Connections that are watched and not kept.
final class Held: Sendable {
    private struct Weak {
        weak var connection: (any Connection)?
    }
    private let state = Mutex<[Weak]>([])

    func add(_ connection: any Connection) { state.withLock { $0.append(Weak(connection: connection)) } }
    var count: Int { state.withLock { $0.count } }
    var living: Int { state.withLock { held in held.count { $0.connection != nil } } }
}
