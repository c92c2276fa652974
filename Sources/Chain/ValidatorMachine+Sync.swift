internal import Consensus
internal import Keys
internal import Wire

extension ValidatorMachine {
    mutating func perform(_ list: [SyncMachine.Effect], at now: UInt64) {
        for effect in list {
            switch effect {
            case .request(let request, let peer, let ticket):
                effects.append(.request(request.canonicalBytes, to: peer, ticket: ticket))
            case .take(let blocks, let peer):
                let isGood = take(blocks, from: peer, at: now)
                perform(sync.taken(from: peer, isGood: isGood, head: head.height, at: now), at: now)
            case .misbehaved(let peer, let reason): log(.syncFailure, "\(peer.short): \(reason)")
            }
        }
        settleSigner()
        begin(at: now)
    }

    /// Takes decided blocks in order (Y2, Y3): each under the validators this node computed itself.
    private mutating func take(_ decided: [DecidedBlock], from peer: PeerID, at now: UInt64) -> Bool {
        for next in decided {
            // Consensus may have been faster.
            guard next.block.height == head.height + 1 else { continue }
            do throws(Commit.Problem) {
                try next.commit.verify(
                    block: next.block.id, height: next.block.height, set: head.validators, chain: head.chain)
            } catch {
                log(.badSignature, "\(peer.short) sent block \(next.block.height) with a bad certificate: \(error)")
                return false
            }
            let execution: Execution
            do throws(BlockProblem) {
                execution = try head.validate(next.block, size: next.block.canonicalBytes.count)
            } catch {
                // More than two thirds signed it, and our rules refuse it.
                halt("block \(next.block.height) has a certificate and is not valid here: \(error)")
                return false
            }
            syncedAt = now
            doubtSigner(over: next.commit, of: head.validators)
            commitBlock(next.block, next.commit, execution, decidedBy: nil, at: now)
        }
        return !hasHalted
    }
}
