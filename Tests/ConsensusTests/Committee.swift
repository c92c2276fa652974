import Consensus
import Keys
import Wire

/// Validators of a test, numbered in the order of their ids, and what they could say.
///
/// Signatures are stand-ins here: machines take what their caller has verified. Tests of signatures use `SignedCommittee`.
struct Committee {
    let set: ValidatorSet
    let ids: [ValidatorID]
    var height: Height = 1

    init(powers: [UInt64] = [1, 1, 1, 1]) {
        ids = powers.indices.map(Committee.id)
        set = try! ValidatorSet(
            zip(ids, powers).map { ValidatorChange(id: $0, key: $0.key, power: $1) })
    }

    static func id(_ index: Int) -> ValidatorID {
        AccountID(PublicKey(bytes: [UInt8](repeating: 0, count: 31) + [UInt8(index + 1)])!)
    }

    static let a = Digest(of: [1], domain: "test-block")
    static let b = Digest(of: [2], domain: "test-block")
    static let c = Digest(of: [3], domain: "test-block")

    func machine(_ me: Int?) -> HeightMachine {
        HeightMachine(height: height, validators: set, me: me.map { ids[$0] }, timeouts: .wide)
    }

    func vote(_ kind: Vote.Kind, _ round: Round, _ block: Digest?, by voter: Int) -> SignedVote {
        Committee.sign(Vote(kind, height: height, round: round, block: block, voter: ids[voter]))
    }

    func prevote(_ round: Round, _ block: Digest?, by voter: Int) -> HeightMachine.Input {
        .vote(vote(.prevote, round, block, by: voter))
    }

    func precommit(_ round: Round, _ block: Digest?, by voter: Int) -> HeightMachine.Input {
        .vote(vote(.precommit, round, block, by: voter))
    }

    func proposer(_ round: Round) -> Int { ids.firstIndex(of: set.proposer(ofRound: round))! }

    func proposal(_ round: Round, _ block: Digest, polka: Round? = nil, by proposer: Int? = nil) -> HeightMachine.Input
    {
        .proposal(signedProposal(round, block, polka: polka, by: proposer))
    }

    func signedProposal(_ round: Round, _ block: Digest, polka: Round? = nil, by proposer: Int? = nil) -> SignedProposal
    {
        Committee.sign(
            Proposal(
                height: height, round: round, polkaRound: polka, block: block,
                proposer: ids[proposer ?? self.proposer(round)]))
    }

    func timer(_ round: Round, _ step: TimerID.Step) -> TimerID { TimerID(height: height, round: round, step: step) }

    func timeout(_ round: Round, _ step: TimerID.Step) -> HeightMachine.Input { .timeout(timer(round, step)) }

    /// A stand-in: 64 bytes that depend on all of the vote.
    static func sign(_ vote: Vote) -> SignedVote {
        SignedVote(vote, signature: standIn(vote.canonicalBytes))
    }

    static func sign(_ proposal: Proposal) -> SignedProposal {
        SignedProposal(proposal, signature: standIn(proposal.canonicalBytes))
    }

    private static func standIn(_ bytes: [UInt8]) -> Signature {
        let digest = Digest(sha256: bytes).bytes
        return Signature(bytes: digest + digest)!
    }
}

extension [HeightMachine.Effect] {
    var votes: [Vote] { compactMap { if case .signVote(let vote) = $0 { vote } else { nil } } }
    var proposals: [Proposal] { compactMap { if case .signProposal(let proposal) = $0 { proposal } else { nil } } }
    var timers: [TimerID] { compactMap { if case .schedule(let timer, _) = $0 { timer } else { nil } } }
    var evidence: [Evidence] { compactMap { if case .evidence(let evidence) = $0 { evidence } else { nil } } }
    var validations: [Digest] { compactMap { if case .validate(let block) = $0 { block } else { nil } } }
    var builds: [Round] { compactMap { if case .buildValue(let round) = $0 { round } else { nil } } }
    var rejections: [HeightMachine.Rejection] { compactMap { if case .reject(let why) = $0 { why } else { nil } } }
    var halts: [HeightMachine.HaltReason] { compactMap { if case .halt(let why) = $0 { why } else { nil } } }
    var broadcasts: [ConsensusMessage] {
        flatMap { if case .broadcast(let messages) = $0 { messages } else { [ConsensusMessage]() } }
    }
    var decisions: [Digest] { compactMap { if case .decide(let block, _, _) = $0 { block } else { nil } } }
}

/// A machine with its caller: own signatures come back at once, and blocks are judged by a list.
struct Rig {
    var machine: HeightMachine
    var invalid: Set<Digest> = []
    var untimely: Set<Digest> = []
    /// Whether questions about blocks are answered at once.
    var answers = true
    /// Whether own proposals and votes come back.
    var loops = true
    /// Everything signed so far.
    var signed: [Vote] = []

    init(_ committee: Committee, me: Int?, started: Bool = true) {
        machine = committee.machine(me)
        if started { _ = feed(.start) }
    }

    @discardableResult
    mutating func feed(_ inputs: HeightMachine.Input...) -> [HeightMachine.Effect] {
        var all: [HeightMachine.Effect] = []
        var queue = inputs
        while !queue.isEmpty {
            let effects = machine.step(queue.removeFirst())
            all += effects
            for effect in effects {
                switch effect {
                case .validate(let block) where answers:
                    queue.append(
                        .validity(block, !invalid.contains(block), timely: !untimely.contains(block)))
                case .signVote(let vote):
                    signed.append(vote)
                    if loops { queue.append(.vote(Committee.sign(vote))) }
                case .signProposal(let proposal) where loops:
                    queue.append(.proposal(Committee.sign(proposal)))
                default: break
                }
            }
        }
        return all
    }
}
