import Inference
package import Keys
package import Ledger
import Proofs
import Wire

/// Disputes of the ledger as ``Proofs`` conducts them. A part of the rules: the same on all nodes of a chain.
package struct LedgerReferee: DisputeReferee {
    package init() {}

    package func open(_ opening: [UInt8], budget: UInt64, at height: UInt64) throws(DisputeRefusal) -> OpenedDispute {
        let dispute: DisputeCase
        do throws(WireError) { dispute = try DisputeCase(canonicalBytes: opening) } catch {
            throw DisputeRefusal("what is shown is no case: \(error)")
        }
        let finding: DisputeCase.Finding
        do throws(DisputeCase.Refusal) { finding = try dispute.examine(limit: .ledger) } catch {
            throw DisputeRefusal("\(error)")
        }
        let position: DisputePosition =
            switch finding {
            case .evident: .ended(winner: .challenger, .evident)
            case .statement(let statement):
                Self.position(dispute, DisputeMachine(statement, budget: budget, at: height))
            }
        return OpenedDispute(
            answer: AnswerRecord(dispute.exchange),
            isOffered: dispute.exchange.request.request.verification == .fraud, isUnnamed: dispute.claim == .unnamed,
            position: position)
    }

    package func evidence(of fault: AnswerFault) -> FaultEvidence {
        switch InferenceFault.evidence(ofCode: fault.code) {
        case .exchange: .exchange
        case .dispute: .dispute
        case .nothing: .nothing
        }
    }

    package func request(_ request: [UInt8]) throws(DisputeRefusal) -> AnswerRequest {
        let shown: InferenceRequest
        do throws(WireError) { shown = try InferenceRequest(canonicalBytes: request) } catch {
            throw DisputeRefusal("what is shown is no request: \(error)")
        }
        return AnswerRequest(
            answer: AnswerID(provider: shown.provider, job: shown.id), client: shown.client, nonce: shown.nonce)
    }

    package func witness(_ shown: [UInt8], seed: Digest, receipt: Receipt) throws(DisputeRefusal) -> Digest {
        let state: ShownState
        do throws(WireError) { state = try ShownState(canonicalBytes: shown) } catch {
            throw DisputeRefusal("what is shown is no state: \(error)")
        }
        guard let value = state.witness(seed: seed, receipt: receipt) else {
            throw DisputeRefusal(
                "what is shown is not the state that the audit has drawn under the root of the receipt")
        }
        return value
    }

    package func step(_ state: [UInt8], _ move: [UInt8], by party: DisputeParty, at height: UInt64) -> DisputePosition {
        guard var conducted = try? ConductedDispute(canonicalBytes: state) else {
            preconditionFailure("the state of a dispute is damaged")
        }
        // What cannot be read is not what was due.
        guard let move = try? DisputeMove(canonicalBytes: move) else {
            return .ended(winner: party.other, .malformed)
        }
        _ = conducted.machine.step(.move(DisputeSide(party), move), at: height)
        return Self.position(conducted.dispute, conducted.machine)
    }

    private static func position(_ dispute: DisputeCase, _ machine: DisputeMachine) -> DisputePosition {
        if let outcome = machine.outcome {
            return .ended(winner: DisputeParty(outcome.winner), DisputeReason(outcome.reason))
        }
        guard let turn = machine.turn else { preconditionFailure("a dispute without a turn has ended") }
        return .awaits(
            DisputeParty(turn), until: machine.clock.deadline(of: turn),
            state: ConductedDispute(dispute: dispute, machine: machine).canonicalBytes)
    }
}

extension DisputeSide {
    /// Who defends an answer makes its provider's moves.
    init(_ party: DisputeParty) { self = party == .defender ? .provider : .challenger }
}

extension DisputeParty {
    init(_ side: DisputeSide) { self = side == .provider ? .defender : .challenger }
}

extension DisputeReason {
    init(_ reason: DisputeMachine.Reason) {
        self =
            switch reason {
            case .late: .late
            case .malformed: .malformed
            case .recomputed: .recomputed
            }
    }
}
