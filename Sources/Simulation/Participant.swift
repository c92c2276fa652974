package import Keys

/// A node of a simulated world. It reacts to messages and timers; all it can do goes through its ``Context``.
package protocol Participant: Sendable {
    associatedtype Timer: Hashable & Sendable

    /// Begins, on a fresh machine or after a crash, from what is on its disk.
    /// - Throws: when the machine dies under it (its disk lost power); see ``World``.
    mutating func start(_ context: inout Context<Timer>) throws
    mutating func receive(_ message: [UInt8], from sender: Int, _ context: inout Context<Timer>) throws
    mutating func fire(_ timer: Timer, _ context: inout Context<Timer>) throws
    /// The machine is off: memory is gone, and the disk keeps what its faults leave.
    mutating func crash(using dice: inout SeededGenerator)
}

/// What a participant can see and do while it handles one event.
package struct Context<Timer: Hashable & Sendable>: Sendable {
    enum Action: Sendable {
        case send([UInt8], to: Int)
        case schedule(Timer, after: UInt64)
    }

    /// This node's number in the world.
    package let node: Int
    /// How many nodes there are.
    package let count: Int
    /// Nanoseconds since the world began.
    package let now: UInt64
    package var dice: SeededGenerator
    var actions: [Action] = []

    package mutating func send(_ message: [UInt8], to receiver: Int) { actions.append(.send(message, to: receiver)) }

    /// Sends to every other node.
    package mutating func broadcast(_ message: [UInt8]) {
        for receiver in 0..<count where receiver != node { send(message, to: receiver) }
    }

    /// Fires once, unless the node crashes before.
    package mutating func schedule(_ timer: Timer, after delay: Duration) {
        actions.append(.schedule(timer, after: delay.nanoseconds))
    }
}
