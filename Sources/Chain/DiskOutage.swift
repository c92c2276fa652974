internal import Store

/// Why a chain stands still although nothing is wrong with it, for people.
package struct ChainTrouble: Hashable, Sendable {
    package let detail: String
    package let remedy: String?
    /// Milliseconds since 1970.
    package let since: UInt64
}

/// What waits while the disk takes no writes: effects in their order, and inputs that nobody would repeat.
///
/// The machine is ahead of the disk by these effects. Nobody else can know: what follows a write is not done before it, and until it
/// is done the machine gets no input.
struct DiskOutage: Sendable {
    private(set) var error: StoreError
    /// Begins with the one that failed.
    private(set) var effects: [ValidatorMachine.Effect]
    /// Timers and answers that came meanwhile; a machine that missed one of its timers would wait for ever.
    private(set) var inputs: [ValidatorMachine.Input] = []
    private var timers: Set<ChainTimer> = []
    /// Milliseconds since 1970.
    let since: UInt64
    /// Milliseconds until the next try.
    private(set) var pause: UInt64
    private let longestPause: UInt64

    init(
        _ error: StoreError, _ effects: [ValidatorMachine.Effect], since: UInt64, pauses: ClosedRange<UInt64>
    ) {
        pause = pauses.lowerBound
        longestPause = pauses.upperBound
        self.error = error
        self.effects = effects
        self.since = since
    }

    /// Takes an input that cannot be processed now.
    /// - Returns: what answers it. Peers repeat their messages, and users see that theirs was not taken.
    mutating func postpone(_ input: ValidatorMachine.Input) -> [ValidatorMachine.Effect] {
        switch input {
        case .message: return [.verdict(.ignore)]
        case .submit: return []
        case .timer(let timer):
            // One that is due twice is due.
            if timers.insert(timer).inserted { inputs.append(input) }
        case .peers:
            inputs.removeAll { if case .peers = $0 { true } else { false } }
            inputs.append(input)
        case .start, .syncAnswer: inputs.append(input)
        }
        return []
    }

    /// Another try got as far as `effects` and no further.
    mutating func failedAgain(_ error: StoreError, _ effects: [ValidatorMachine.Effect]) {
        self.error = error
        self.effects = effects
        pause = min(pause * 2, longestPause)
    }

    var trouble: ChainTrouble {
        ChainTrouble(
            detail:
                "The chain waits because the disk takes no writes: \(error). Nothing is signed and no block is taken meanwhile.",
            remedy: error.remedy, since: since)
    }
}
