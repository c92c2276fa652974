import Keys
import Ledger
import Wire

/// Conducts disputes that are about nothing: a move says what it leads to. What money and time do is for the ledger.
struct ToyReferee: DisputeReferee {
    enum Move: UInt8 {
        /// The other side is to move.
        case pass = 0
        /// The mover has shown that it is right, or said something that was not due.
        case win = 1
        case nonsense = 2
    }

    /// What is opened: an answer, whether it is wrong for all to see, whether it was asked for with disputes, and whether the challenger is to say
    /// what is wrong.
    static func opening(
        _ answer: AnswerRecord, isEvident: Bool = false, isOffered: Bool = true, isUnnamed: Bool = false
    ) -> [UInt8] {
        answer.canonicalBytes + [(isEvident ? 1 : 0) + (isOffered ? 2 : 0) + (isUnnamed ? 4 : 0)]
    }

    func open(_ opening: [UInt8], budget: UInt64, at height: UInt64) throws(DisputeRefusal) -> OpenedDispute {
        guard let flag = opening.last, let answer = try? AnswerRecord(canonicalBytes: Array(opening.dropLast())) else {
            throw DisputeRefusal("there is nothing to dispute")
        }
        return OpenedDispute(
            answer: answer, isOffered: flag & 2 != 0, isUnnamed: flag & 4 != 0,
            position: flag & 1 != 0
                ? .ended(winner: .challenger, .evident)
                : .awaits(
                    flag & 4 != 0 ? .challenger : .defender, until: height + budget, state: budget.canonicalBytes))
    }

    /// A state of these tests is the value that is made of it.
    func witness(_ shown: [UInt8], seed: Digest, receipt: Receipt) throws(DisputeRefusal) -> Digest {
        guard let value = try? Digest(canonicalBytes: shown) else { throw DisputeRefusal("no state") }
        return value
    }

    /// Faults that everybody sees, and that nobody can show; all others are disputed about.
    static let (seen, undecidable) = (AnswerFault(code: 100, step: 0), AnswerFault(code: 200, step: 0))

    func evidence(of fault: AnswerFault) -> FaultEvidence {
        switch fault {
        case Self.seen: .exchange
        case Self.undecidable: .nothing
        default: .dispute
        }
    }

    /// A request of these tests says who is to answer what, for whom, and with which nonce.
    static func request(_ answer: AnswerID, client: AccountID, nonce: Digest) -> [UInt8] {
        var writer = ByteWriter(capacity: 128)
        writer.write(answer)
        writer.write(client)
        writer.write(nonce)
        return writer.bytes
    }

    func request(_ request: [UInt8]) throws(DisputeRefusal) -> AnswerRequest {
        var reader = ByteReader(request)
        do throws(WireError) {
            return AnswerRequest(answer: try reader.read(), client: try reader.read(), nonce: try reader.read())
        } catch { throw DisputeRefusal("no request") }
    }

    /// The state is the budget: each move may take as long.
    func step(
        _ state: [UInt8], _ move: [UInt8], by party: DisputeParty, at height: UInt64
    ) -> DisputePosition {
        guard let budget = try? UInt64(canonicalBytes: state) else { preconditionFailure("the ledger lost a state") }
        return switch move.first.flatMap(Move.init) {
        case .pass: .awaits(party.other, until: height + budget, state: state)
        case .win: .ended(winner: party, .recomputed)
        case .nonsense, nil: .ended(winner: party.other, .malformed)
        }
    }
}
