import Chain
import Consensus
import Keys
import Ledger
import Testing
import Wire

@Suite("What peers send")
struct MessageTests {
    private let chain = TestChain(validators: 4)

    private func machine() throws -> ValidatorMachine {
        var machine = ValidatorMachine(
            head: try ChainState(genesis: chain.genesis), last: nil, provenState: nil, account: nil, key: nil,
            configuration: .simulated)
        _ = machine.step(.start, at: TestChain.epoch)
        return machine
    }

    private func verdict(_ effects: [ValidatorMachine.Effect]) -> ChainVerdict? {
        for effect in effects { if case .verdict(let verdict) = effect { return verdict } }
        return nil
    }

    private func vote(_ chain: TestChain, height: Height, by index: Int = 0, key: SigningKey? = nil) throws -> [UInt8] {
        let id = try ChainState(genesis: chain.genesis).chain
        let vote = Vote(.prevote, height: height, round: 0, block: nil, voter: chain.members[index].account)
        let signature = (key ?? chain.members[index].node).sign(vote.signBytes(chain: id), for: .vote)
        return ChainMessage(chain: chain.genesis.digest, .vote(SignedVote(vote, signature: signature))).canonicalBytes
    }

    private var samples: [[UInt8]] {
        get throws {
            let state = try ChainState(genesis: chain.genesis)
            let (decided, _) = chain.next(on: state, last: nil, [chain.transfer(nonce: 1)])
            let proposer = chain.members.first { $0.account == decided.block.header.proposer }!
            let proposal = Proposal(
                height: 1, round: 0, polkaRound: nil, block: decided.block.id, proposer: proposer.account)
            let signed = SignedProposal(
                proposal, signature: proposer.node.sign(proposal.signBytes(chain: state.chain), for: .proposal))
            let message = ChainMessage(chain: chain.genesis.digest, .proposal(signed, decided.block))
            let transaction = ChainMessage(chain: chain.genesis.digest, .transaction(chain.transfer(nonce: 1)))
            return [
                message.canonicalBytes, transaction.canonicalBytes, try vote(chain, height: 1), decided.canonicalBytes,
                SyncAnswer.blocks([decided]).canonicalBytes, SyncRequest.blocks(chain: .zero, from: 3).canonicalBytes,
            ]
        }
    }

    private func decodes(_ bytes: [UInt8], as index: Int) -> [UInt8]? {
        switch index {
        case 0...2: try? ChainMessage(canonicalBytes: bytes).canonicalBytes
        case 3: try? DecidedBlock(canonicalBytes: bytes).canonicalBytes
        case 4: try? SyncAnswer(canonicalBytes: bytes).canonicalBytes
        default: try? SyncRequest(canonicalBytes: bytes).canonicalBytes
        }
    }

    @Test("each truncation and each flipped bit of a message is refused or is another message in its one encoding")
    func mutations() throws {
        for (index, bytes) in try samples.enumerated() {
            #expect(decodes(bytes, as: index) == bytes)
            for count in bytes.indices { #expect(decodes(Array(bytes.prefix(count)), as: index) == nil) }
            #expect(decodes(bytes + [0], as: index) == nil)
            for bit in 0..<bytes.count * 8 {
                var damaged = bytes
                damaged[bit / 8] ^= 1 << UInt8(bit % 8)
                if let again = decodes(damaged, as: index) { #expect(again == damaged) }
            }
        }
    }

    @Test(
        "a machine lives through garbage: random bytes and random damage, on both topics",
        arguments: 0..<4 as Range<UInt64>)
    func garbage(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        var machine = try machine()
        let samples = try samples
        for _ in 0..<2_000 {
            var bytes = samples[Int(dice.next(below: UInt64(samples.count)))]
            for _ in 0...dice.next(below: 4) {
                bytes[Int(dice.next(below: UInt64(bytes.count)))] = UInt8(dice.next(below: 256))
            }
            if dice.next(below: 4) == 0 {
                bytes = (0..<dice.next(below: 200)).map { _ in UInt8(dice.next(below: 256)) }
            }
            let topic: ChainTopic = dice.next(below: 2) == 0 ? .consensus : .transactions
            let effects = machine.step(.message(bytes, on: topic, from: chain.members[1].peer), at: TestChain.epoch + 1)
            #expect(verdict(effects) != nil)
            _ = machine.step(.syncAnswer(ticket: dice.next(below: 3), bytes), at: TestChain.epoch + 1)
        }
        #expect(!machine.hasHalted)
        #expect(machine.head.height == 0)
    }

    @Test(
        "wrong chain, bad signature, stranger, wrong topic, oversize and garbage are rejected; old and far heights ignored"
    )
    func verdicts() throws {
        var machine = try machine()
        let peer = chain.members[1].peer
        func judge(_ bytes: [UInt8], _ topic: ChainTopic = .consensus) -> ChainVerdict? {
            verdict(machine.step(.message(bytes, on: topic, from: peer), at: TestChain.epoch + 1))
        }
        #expect(judge(try vote(chain, height: 1)) == .accept)
        #expect(judge(try vote(chain, height: 1)) == .ignore)
        #expect(judge(try vote(chain, height: 2, by: 1)) == .accept)
        #expect(judge(try vote(chain, height: 9)) == .ignore)
        #expect(judge(try vote(chain, height: 1, by: 2, key: chain.rich)) == .reject)
        #expect(judge(try vote(TestChain(validators: 4, seed: 2), height: 1)) == .reject)
        #expect(judge(try vote(chain, height: 1, by: 3), .transactions) == .reject)
        #expect(judge([UInt8](repeating: 0, count: ChainMessage.byteLimit + 1)) == .reject)
        #expect(judge([]) == .reject)
        let transaction = ChainMessage(chain: chain.genesis.digest, .transaction(chain.transfer(nonce: 1)))
        #expect(judge(transaction.canonicalBytes, .transactions) == .accept)
        #expect(judge(transaction.canonicalBytes, .transactions) == .ignore)
    }

    @Test("a block is timely within the precision and the delay, which grows with the round up to a day")
    func timeRules() {
        let rules = TimeRules(precision: 500, messageDelay: 1_000)
        #expect(rules.isTimely(10_000, received: 9_500, round: 0))
        #expect(!rules.isTimely(10_000, received: 9_499, round: 0))
        #expect(rules.isTimely(10_000, received: 11_500, round: 0))
        #expect(!rules.isTimely(10_000, received: 11_501, round: 0))
        #expect(rules.isTimely(10_000, received: 11_600, round: 1))
        #expect(!rules.isTimely(10_000, received: 11_601, round: 1))
        #expect(rules.isTimely(.max, received: .max, round: .max))
        #expect(!rules.isTimely(.max, received: 0, round: 0))
        #expect(!rules.isTimely(0, received: 200_000_000, round: .max))
    }
}
