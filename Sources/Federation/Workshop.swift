internal import Keys
internal import Proofs

/// What the work of a node keeps at hand between two calls, all of it bounded and all of it recomputable.
actor Workshop {
    /// 32 checkpoints of a model of 10^5 parameters are 26 MB.
    private static let recentLimit = 32
    /// Jobs that a node works on at a time.
    private static let engineLimit = 4

    private var engines: [(specification: Digest, engine: TrainingEngine)] = []
    private var checkpoints: [(leaf: Digest, bytes: [UInt8])] = []

    func engine(_ specification: Digest) -> TrainingEngine? {
        engines.first { $0.specification == specification }?.engine
    }

    func keep(_ engine: TrainingEngine, for specification: Digest) {
        if engines.count == Self.engineLimit { engines.removeFirst() }
        engines.append((specification, engine))
    }

    func recent(_ leaf: Digest) -> [UInt8]? { checkpoints.first { $0.leaf == leaf }?.bytes }

    func keep(_ bytes: [UInt8], as leaf: Digest) {
        guard !checkpoints.contains(where: { $0.leaf == leaf }) else { return }
        if checkpoints.count == Self.recentLimit { checkpoints.removeFirst() }
        checkpoints.append((leaf, bytes))
    }

    /// Forgets the checkpoints: their round is over.
    func clear() { checkpoints.removeAll() }
}
