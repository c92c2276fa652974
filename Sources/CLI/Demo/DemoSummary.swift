/// The last line of `banyan demo --json`; every figure was measured in that run.
struct DemoSummary: Encodable, Sendable {
    var event = "summary"
    var rounds: Int
    /// Share of the 10,000 test images, 0…1, after the last round.
    var accuracy: Double
    var cheats: Int
    var cheatsRejected: Int
    var honestUpdates: Int
    var honestRejected: Int
    var supplyConserved: Bool
    var modelDigests: [String]
    var heights: [UInt64]
    var seconds: Double
    var bytesOnWire: UInt64
    var cheatKinds: [String]
    /// Times a node was found dead and started again.
    var restarts: Int
    /// Largest resident memory of one node, in bytes.
    var peakNodeBytes: UInt64
    var trainSeconds: Double
    var auditSeconds: Double

    var modelsAgree: Bool { Set(modelDigests).count == 1 && modelDigests.first?.isEmpty == false }

    /// Whether the demo showed what it promises.
    func succeeded(of planned: Int) -> Bool {
        rounds == planned && supplyConserved && modelsAgree && honestRejected == 0 && cheatsRejected == cheats
    }

    var text: String {
        """

        accuracy          \(percent(accuracy)) of the 10,000 test images, after \(rounds) rounds
        cheats            \(cheats) tried (\(cheatKinds.joined(separator: ", "))), \(cheatsRejected) rejected
        honest updates    \(honestUpdates) sent, \(honestRejected) rejected
        model             \(modelsAgree ? "the same \(modelDigests[0].prefix(16)) on all \(modelDigests.count) nodes" : "DIFFERS: \(modelDigests)")
        supply            \(supplyConserved ? "conserved in every block" : "NOT CONSERVED")
        heights           \(heights.map(String.init).joined(separator: " "))
        time              \(tenths(seconds)) s; each trainer trained \(tenths(trainSeconds)) s and audited \(tenths(auditSeconds)) s on average
        on the wire       \(bytesOnWire / 1_048_576) MiB between all nodes
        memory            at most \(peakNodeBytes / 1_048_576) MiB in one node\(restarts > 0 ? "\nrestarts          \(restarts)" : "")
        """
    }

    private func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
