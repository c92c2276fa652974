/// The last line of `banyan demo --json`; every figure was measured in that run. The figures of the training half stand in it, those of
/// the second half under `inference`.
struct DemoSummary: Encodable, Sendable {
    var training: TrainingSummary?
    var inference: InferenceSummary?
    var supplyConserved: Bool
    var heights: [UInt64]
    var seconds: Double
    var bytesOnWire: UInt64
    /// Times a node was found dead and started again.
    var restarts: Int
    /// Largest resident memory of one node, in bytes.
    var peakNodeBytes: UInt64

    private enum Key: String, CodingKey {
        case event, inference, supplyConserved, heights, seconds, bytesOnWire, restarts, peakNodeBytes
    }

    func encode(to encoder: any Encoder) throws {
        try training?.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode("summary", forKey: .event)
        try container.encodeIfPresent(inference, forKey: .inference)
        try container.encode(supplyConserved, forKey: .supplyConserved)
        try container.encode(heights, forKey: .heights)
        try container.encode(seconds, forKey: .seconds)
        try container.encode(bytesOnWire, forKey: .bytesOnWire)
        try container.encode(restarts, forKey: .restarts)
        try container.encode(peakNodeBytes, forKey: .peakNodeBytes)
    }

    /// Whether the demo showed what it promises.
    func succeeded(_ plan: DemoPlan) -> Bool {
        supplyConserved && (training?.succeeded(of: plan.rounds) ?? true)
            && (inference?.succeeded(cheaters: plan.isHonest ? 0 : DemoCast.providerCount - 1) ?? true)
    }

    var text: String {
        """
        \(training.map { "\n" + $0.text } ?? "")\(inference.map { "\n" + $0.text } ?? "")
        supply            \(supplyConserved ? "conserved in every block" : "NOT CONSERVED")
        heights           \(heights.map(String.init).joined(separator: " "))
        time              \(tenths(seconds)) s
        on the wire       \(bytesOnWire / 1_048_576) MiB between all nodes
        memory            at most \(peakNodeBytes / 1_048_576) MiB in one node\(restarts > 0 ? "\nrestarts          \(restarts)" : "")
        """
    }
}

func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
