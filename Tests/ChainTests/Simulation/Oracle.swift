import Chain
import Consensus
import Keys
import Ledger
import Simulation
import Wire

/// Watches a whole-chain simulation and names the first thing that must never happen.
struct Oracle {
    typealias Character = SimulatedValidator.Character

    let characters: [Character]
    let chain: TestChain
    /// The first thing that went wrong.
    private(set) var finding: String?
    private(set) var blocks: [UInt64: Block] = [:]
    private(set) var ids: [UInt64: Digest] = [:]
    private var roots: [UInt64: Digest] = [:]
    /// How much of each node's record was looked at.
    private var seen: [Int]
    private let minted: Amount
    private var evidence: Set<Digest> = []
    private(set) var slashes = 0
    private(set) var transactions = 0

    init(_ characters: [Character], _ chain: TestChain) {
        self.characters = characters
        self.chain = chain
        seen = characters.map { _ in 0 }
        minted = chain.minted
    }

    /// After every event: what the node that acted did.
    mutating func look(at node: SimulatedValidator) {
        guard finding == nil else { return }
        let name = "node \(node.index) (\(node.character.rawValue))"
        if let place = node.record.contradictions.first { return found("\(name) signed twice at \(place)") }
        if let reason = node.record.halts.first { return found("\(name) halted: \(reason)") }
        if let failure = node.record.failures.first { return found("\(name) could not start: \(failure)") }
        while seen[node.index] < node.record.steps.count, finding == nil {
            let step = node.record.steps[seen[node.index]]
            seen[node.index] += 1
            check(step, name)
            if let set = node.machine?.head.validators, 3 * powerOfLiars(in: set) >= set.totalPower {
                found(
                    "the simulation itself: liars have \(powerOfLiars(in: set)) of \(set.totalPower), more than the chain can bear"
                )
            }
        }
    }

    private func powerOfLiars(in set: ValidatorSet) -> UInt64 {
        let liars = characters.indices.filter { characters[$0] != .honest }.map { chain.members[$0].account }
        return set.validators.filter { liars.contains($0.id) }.reduce(0) { $0 + $1.power }
    }

    private mutating func check(_ step: SimulatedValidator.Record.Step, _ name: String) {
        if let id = ids[step.height], id != step.id {
            return found("agreement: \(name) has \(step.id.short) at height \(step.height), others have \(id.short)")
        }
        ids[step.height] = step.id
        if !step.supply.isConserved || step.supply.minted != minted {
            return found("supply: \(name) at height \(step.height): \(step.supply)")
        }
        if step.root != .zero {
            if let root = roots[step.height], root != step.root {
                return found("state: \(name) has another root at height \(step.height)")
            }
            roots[step.height] = step.root
        }
        guard let block = step.block, blocks[step.height] == nil else { return }
        blocks[step.height] = block
        if block.id != step.id || block.height != step.height {
            return found("\(name) committed a block under another name")
        }
        let before = step.height == 1 ? chain.genesis.digest : ids[step.height - 1]
        if let before, block.header.previous != before { return found("linkage: block \(step.height) follows another") }
        transactions += block.transactions.count
        for item in block.evidence {
            guard let index = chain.members.firstIndex(where: { $0.account == item.offender }),
                characters[index] == .equivocating
            else { return found("evidence against a correct validator in block \(step.height)") }
            guard evidence.insert(item.id).inserted else { return found("evidence \(item.id.short) is in two blocks") }
        }
        for case .slashed(let account, _, .doubleSign) in step.events {
            guard let index = chain.members.firstIndex(where: { $0.account == account }),
                characters[index] == .equivocating
            else { return found("a correct validator was slashed in block \(step.height)") }
            slashes += 1
        }
        if slashes > evidence.count { return found("more slashes (\(slashes)) than offences (\(evidence.count))") }
    }

    /// At the end: every block is valid again from the genesis on, and leads to the state that the nodes have.
    mutating func reexecute() {
        guard finding == nil, var state = try? ChainState(genesis: chain.genesis) else { return }
        while let block = blocks[state.height + 1] {
            do throws(BlockProblem) {
                state = try state.validate(block, size: block.canonicalBytes.count).after
            } catch { return found("block \(block.height) is not valid again: \(error)") }
            if let root = roots[state.height], root != state.state.root {
                return found("block \(state.height) leads to another state when run again")
            }
        }
        if let highest = ids.keys.max(), state.height != highest {
            found("only \(state.height) of \(highest) blocks could be run again")
        }
    }

    private mutating func found(_ text: String) { finding = text }
}

extension TestChain {
    /// All that the genesis mints.
    var minted: Amount {
        (try? ChainState(genesis: genesis))?.state.supply.minted ?? .zero
    }
}
