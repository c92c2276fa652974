internal import Keys

extension HeightMachine {
    /// T-prop (lines 14–19) with a fresh value. A value that comes after its round's propose step is dropped: a
    /// proposal signed after a prevote would go back in time.
    mutating func take(built block: Digest, _ effects: inout [Effect]) {
        guard hasStarted, isBuilding, decision == nil, step == .propose else { return }
        isBuilding = false
        // One's own block is checked already, by being built; if it was judged before, that judgement stays.
        if validity[block] == nil || validity[block] == .asked { validity[block] = .known(valid: true, timely: true) }
        propose(block, polkaRound: nil, &effects)
    }
}
