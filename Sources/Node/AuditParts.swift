import API
import Chain
import Inference
import Ledger
import Logging
import Proofs
import ServiceLifecycle
import Store
import Swarm

/// What shows answers to auditors, in every node, and what audits others' answers where it is wanted.
struct AuditParts: Sendable {
    /// Words in audits that are kept; a member has a seat in far fewer at a time.
    private static let wordLimit = 4096
    /// What a peer has to show an exchange: a few kilobytes, from its disk.
    private static let patience: Duration = .seconds(20)

    let services: [any Service]

    init(
        configuration: NodeConfiguration, identity: NodeIdentity, disk: FileDisk, swarm: SwarmService,
        chain: ChainService, wallet: Wallet, inference: InferenceParts, events: NodeEvents, logger: Logger
    ) throws {
        let cheat = try Self.cheat(configuration)
        let ledger = AuditsOnChain(chain: chain, wallet: wallet)
        let receipts = inference.gateway.receiptStore
        var services: [any Service] = [
            AuditDesk(swarm: swarm, serve: inference.serve, receipts: receipts, readers: ledger)
        ]
        if cheat == .falseAccusation {
            services.append(
                FalseAccuser(
                    chain: chain, wallet: wallet, receipts: receipts, logger: logger))
        }
        if configuration.audits {
            services.append(
                try Self.auditor(
                    configuration, identity, disk: disk, audits: ledger,
                    exchanges: AuditClient(swarm: swarm, deadline: Self.patience),
                    engines: cheat == .ownEngine
                        ? ServedEngines(serve: inference.serve, others: inference.models) : inference.models,
                    checks: inference.checks, cheat: cheat, events: events, logger: logger))
        }
        self.services = services
    }

    private static func auditor(
        _ configuration: NodeConfiguration, _ identity: NodeIdentity, disk: FileDisk, audits: AuditsOnChain,
        exchanges: AuditClient, engines: any Engines, checks: KeptAnswers<HeldReceipt>, cheat: AuditCheat?,
        events: NodeEvents, logger: Logger
    ) throws -> AuditService {
        guard !configuration.serves.isEmpty || !ModelStore(directory: configuration.models).names.isEmpty else {
            throw Problem.invalid(
                "A node without a model can audit nothing.", remedy: "Get one first: banyan model pull smollm2")
        }
        return try AuditService(
            account: identity.accountID, key: identity.node, audits: audits, exchanges: exchanges, engines: engines,
            words: KeptAnswers(on: disk, directory: "audits", limit: wordLimit), cheat: cheat,
            tell: { check in
                events(.checked(.init(check)))
                guard check.exchange.request.request.verification == .fraud else { return }
                // When the others find something else, this member needs it to appeal, or to show what they have not computed.
                do { try checks.keep(HeldReceipt(check.exchange, check.fault == nil ? .right : .wrong)) } catch {
                    logger.error("an answer that was checked could not be kept: \(error)")
                }
            }, logger: logger)
    }

    private static func cheat(_ configuration: NodeConfiguration) throws -> AuditCheat? {
        guard let name = configuration.auditCheat else { return nil }
        guard let cheat = AuditCheat(rawValue: name) else {
            throw Problem.invalid(
                "'\(name)' is no way of auditing badly.",
                remedy: "Known: \(AuditCheat.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return cheat
    }
}

/// The engines that a node answers with, where it has them: an auditor's that takes its own arithmetic for the right one.
private struct ServedEngines: Engines {
    let serve: ServeService?
    let others: LanguageModels

    func engine(for choice: ModelChoice) async throws -> any Engine {
        if let engine = serve?.engine(for: choice) { return engine }
        return try await others.engine(for: choice)
    }
}

extension NodeEvent.Checked {
    fileprivate init(_ check: AuditCheck) {
        let id = check.task.answer.id
        self.init(
            request: "\(id.job)", provider: "\(id.provider)", check: .full, fault: check.fault?.description,
            positions: check.positions, seconds: check.time / .seconds(1))
    }
}
