internal import Keys

/// Decides what becomes of each message between the nodes of a world: when it arrives, how often, or never.
package struct VirtualNetwork: Sendable {
    package struct Faults: Hashable, Sendable {
        /// The shortest delay, in nanoseconds.
        package var minimumDelay: UInt64
        /// The mean of the random part of the delay, in nanoseconds; messages overtake each other by it.
        package var meanJitter: UInt64
        package var loss: Chance
        package var duplication: Chance
        /// A message that is held back for ``strayDelay`` on top: reordering across many others.
        package var stray: Chance
        package var strayDelay: UInt64

        package init(
            minimumDelay: UInt64 = 1_000_000, meanJitter: UInt64 = 2_000_000, loss: Chance = .never,
            duplication: Chance = .never, stray: Chance = .never, strayDelay: UInt64 = 500_000_000
        ) {
            self.minimumDelay = minimumDelay
            self.meanJitter = meanJitter
            self.loss = loss
            self.duplication = duplication
            self.stray = stray
            self.strayDelay = strayDelay
        }

        /// Short delays and nothing else.
        package static let none = Faults()
    }

    package var faults: Faults
    private let count: Int
    /// `isCut[from * count + to]`; the two directions of a link are cut on their own.
    private var isCut: [Bool]

    package init(count: Int, faults: Faults) {
        self.count = count
        self.faults = faults
        isCut = Array(repeating: false, count: count * count)
    }

    /// Cuts one direction of a link.
    package mutating func cut(from sender: Int, to receiver: Int) { isCut[sender * count + receiver] = true }

    /// Cuts every link between nodes of different groups; nodes in no group are alone.
    package mutating func partition(_ groups: [[Int]]) {
        var group = (0..<count).map { -1 - $0 }
        for (name, members) in groups.enumerated() { for member in members { group[member] = name } }
        for sender in 0..<count {
            for receiver in 0..<count { isCut[sender * count + receiver] = group[sender] != group[receiver] }
        }
    }

    /// Joins all links again. What was sent while they were cut stays lost.
    package mutating func heal() { isCut = Array(repeating: false, count: count * count) }

    package func isConnected(from sender: Int, to receiver: Int) -> Bool { !isCut[sender * count + receiver] }

    /// The delays, in nanoseconds, after which copies of one message arrive.
    func delays(from sender: Int, to receiver: Int, using dice: inout SeededGenerator) -> [UInt64] {
        guard isConnected(from: sender, to: receiver), !faults.loss.happens(using: &dice) else { return [] }
        var delays = [delay(using: &dice)]
        if faults.duplication.happens(using: &dice) { delays.append(delay(using: &dice)) }
        return delays
    }

    /// The minimum and a random part with mean `meanJitter` and a long tail: it doubles with one half each time.
    private func delay(using dice: inout SeededGenerator) -> UInt64 {
        var delay = faults.minimumDelay
        if faults.meanJitter > 0 {
            // A draw of scale s with probability 2^-(k+1), s = 2^k/2: the mean over eight doublings is about the jitter.
            let doublings = min(dice.next().trailingZeroBitCount, 8)
            delay += dice.next(below: max(1, (faults.meanJitter << UInt64(doublings)) / 2))
        }
        if faults.stray.happens(using: &dice) { delay += dice.next(below: max(1, faults.strayDelay)) }
        return delay
    }
}
