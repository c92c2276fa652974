import Inference
import Keys
import Proofs

/// Finds the moves of a node in disputes, with the engines of this machine.
struct DisputePlayer: Sendable {
    private let models: LanguageModels
    private let serve: ServeService?
    private let cheat: DisputeCheat?

    init(models: LanguageModels, serve: ServeService?, cheat: DisputeCheat?) {
        self.models = models
        self.serve = serve
        self.cheat = cheat
    }

    /// The case to open a dispute with.
    /// - Returns: nil when a dispute is no way to show this fault.
    func opening(about exchange: Exchange, _ fault: InferenceFault) async throws -> DisputeCase? {
        try await models.batchedEngine(for: Self.choice(exchange)).dispute(exchange, for: fault)
    }

    /// The case to open a dispute with about an own answer, in which a committee says that it has found a fault.
    func defence(of exchange: Exchange) async throws -> DisputeCase {
        try await models.batchedEngine(for: Self.choice(exchange)).defence(of: exchange)
    }

    /// The state that the witness of an audit of the answer is made of.
    func shownState(of exchange: Exchange, seed: Digest) async throws -> ShownState {
        try await models.batchedEngine(for: Self.choice(exchange)).shownState(of: exchange, seed: seed)
    }

    /// The move of a side.
    /// - Returns: nil when it has nothing to say; and what saves time at the next move.
    func move(
        in conducted: ConductedDispute, as side: DisputeSide, digests: [[Digest]]?
    ) async throws -> (move: DisputeMove?, digests: [[Digest]]) {
        let choice = Self.choice(conducted.dispute.exchange)
        let engine: any DisputeEngine
        if cheat == .lying, side == .provider, let own = serve?.engine(for: choice) as? any DisputeEngine {
            engine = own
        } else {
            engine = try await models.batchedEngine(for: choice)
        }
        let (move, known) = try await engine.move(in: conducted, as: side, digests: digests)
        return (cheat.map { $0.play(move, in: conducted.machine) } ?? move, known)
    }

    private static func choice(_ exchange: Exchange) -> ModelChoice { ModelChoice(of: exchange.request.request) }
}
