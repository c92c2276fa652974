import Consensus
import Keys
import Testing
import Wire

@Suite("Encodings")
struct CodecTests {
    static let committee = SignedCommittee([3, 1, 1, 2])

    static func samples() throws -> [(name: String, bytes: [UInt8], recode: ([UInt8]) throws -> [UInt8])] {
        func sample<Value: Canonical>(_ name: String, _ value: Value) -> (String, [UInt8], ([UInt8]) throws -> [UInt8])
        {
            (name, value.canonicalBytes, { try Value(canonicalBytes: $0).canonicalBytes })
        }
        let votes = (0..<3).map { committee.vote(.prevote, $0 == 2 ? nil : Committee.a, by: $0) }
        let proposal = Proposal(height: 5, round: 2, polkaRound: 1, block: Committee.a, proposer: committee.ids[0])
        let signature = committee.keys[0].sign(proposal.signBytes(chain: committee.chain), for: .proposal)
        let signed = SignedProposal(proposal, signature: signature)
        let certificate = try #require(
            RoundCertificate(height: 5, round: 2, votes: votes + [committee.vote(.precommit, nil, by: 0)]))
        var signer = SignerState()
        let request = SignerState.Request(votes[0].vote, chain: committee.chain)
        signer.record(request, signature: votes[0].signature)
        return [
            sample("chain", committee.chain), sample("vote", votes[0]), sample("nil vote", votes[2]),
            sample("proposal", signed),
            sample(
                "fresh proposal",
                Proposal(
                    height: 1, round: 0, polkaRound: nil, block: Committee.b, proposer: committee.ids[1])),
            sample("certificate", certificate), sample("commit", committee.commit([true, false, nil, true])),
            sample("evidence", try #require(Evidence(votes[0], committee.vote(.prevote, Committee.b, by: 0)))),
            sample("set", committee.set), sample("signer", signer), sample("new signer", SignerState()),
            sample("timer", TimerID(height: 3, round: 1, step: .precommit)),
            sample("message", ConsensusMessage.vote(votes[1])),
            sample("message", ConsensusMessage.proposal(signed)),
            sample("message", ConsensusMessage.certificate(certificate)),
        ]
    }

    @Test("every value decodes to itself; every truncation and every trailing byte is refused")
    func truncations() throws {
        for sample in try Self.samples() {
            #expect(try sample.recode(sample.bytes) == sample.bytes, "\(sample.name)")
            for length in 0..<sample.bytes.count {
                #expect(throws: WireError.self, "\(sample.name)") {
                    try sample.recode(Array(sample.bytes.prefix(length)))
                }
            }
            #expect(throws: WireError.self, "\(sample.name)") { try sample.recode(sample.bytes + [0]) }
        }
    }

    @Test("every single flipped bit is refused or is another value with exactly those bytes")
    func bitFlips() throws {
        for sample in try Self.samples() {
            for bit in 0..<sample.bytes.count * 8 {
                var bytes = sample.bytes
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                if let again = try? sample.recode(bytes) { #expect(again == bytes, "\(sample.name) bit \(bit)") }
            }
        }
    }

    @Test("random and mutated bytes never crash a decoder, and what is accepted encodes to itself")
    func fuzz() throws {
        var dice = SeededGenerator(seed: 11 as UInt64)
        let samples = try Self.samples()
        for _ in 0..<40_000 {
            let sample = samples[Int(dice.next(below: UInt64(samples.count)))]
            var bytes = sample.bytes
            for _ in 0..<1 + dice.next(below: 6) {
                guard !bytes.isEmpty else { break }
                let place = Int(dice.next(below: UInt64(bytes.count)))
                switch dice.next(below: 4) {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: dice.next())
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(UInt8(truncatingIfNeeded: dice.next()), at: place)
                default: bytes[place] = 255
                }
            }
            if let again = try? sample.recode(bytes) { #expect(again == bytes) }
        }
    }

    @Test("a huge count costs nothing: it is refused before anything is allocated")
    func hugeCounts() {
        var writer = ByteWriter()
        writer.write(UInt64(5))
        writer.write(UInt32(2))
        var commit = writer
        commit.write(Committee.a)
        commit.writeVarint(1 << 60)
        writer.writeVarint(1 << 60)
        #expect(throws: WireError.tooLong(length: 1 << 60, limit: 20_000)) {
            _ = try RoundCertificate(canonicalBytes: writer.bytes)
        }
        #expect(throws: WireError.tooLong(length: 1 << 60, limit: 10_000)) {
            _ = try Commit(canonicalBytes: commit.bytes)
        }
        var set = ByteWriter()
        set.writeVarint(1 << 60)
        #expect(throws: WireError.tooLong(length: 1 << 60, limit: 10_000)) {
            _ = try ValidatorSet(canonicalBytes: set.bytes)
        }
    }
}
