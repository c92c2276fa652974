package import Consensus
package import Keys
package import Ledger
package import Wire

/// Everything needed to check one entry of the state without asking anybody: the entry's proof, the header that holds the state's
/// root (that of the next height), the certificate of that header, and the validators that signed it.
package struct AccountProofBundle: Canonical, Hashable {
    package let proof: StateProof
    package let header: Header
    package let commit: Commit
    package let validators: ValidatorSet

    package init(proof: StateProof, header: Header, commit: Commit, validators: ValidatorSet) {
        self.proof = proof
        self.header = header
        self.commit = commit
        self.validators = validators
    }

    /// The height after whose block the entry was so.
    package var height: Height { header.height - 1 }

    package enum Problem: Error, Hashable, Sendable, CustomStringConvertible {
        case otherChain(Digest)
        /// The validators are not those that the caller trusts.
        case otherValidators(Digest)
        case headerNamesOtherValidators
        case certificate(Commit.Problem)
        case state

        package var description: String {
            switch self {
            case .otherChain(let digest): "the proof is for the chain with genesis \(digest)"
            case .otherValidators(let digest):
                "the proof is signed by the validators \(digest), which are not the trusted ones"
            case .headerNamesOtherValidators: "the header names other validators than those that signed"
            case .certificate(let problem): "the certificate does not hold: \(problem)"
            case .state: "the entry is not proven by the root of the state"
            }
        }
    }

    /// Checks the whole bundle offline.
    /// - Parameters:
    ///   - genesis: the digest of the genesis, which the caller trusts.
    ///   - trusted: the digest of a set of validators that the caller trusts: of the genesis, or seen since.
    /// - Returns: the canonical bytes of the entry; nil when the proof shows that there is none.
    package func verify(_ key: StateKey, genesis: Digest, trusted: Digest) throws(Problem) -> [UInt8]? {
        guard header.parameters == genesis else { throw .otherChain(header.parameters) }
        guard validators.digest == trusted else { throw .otherValidators(validators.digest) }
        guard header.validators == trusted else { throw .headerNamesOtherValidators }
        do throws(Commit.Problem) {
            try commit.verifyLight(block: header.id, height: header.height, set: validators, chain: header.chain)
        } catch { throw .certificate(error) }
        do { return try proof.verify(key, root: header.stateRoot) } catch { throw .state }
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(proof)
        writer.write(header)
        writer.write(commit)
        writer.write(validators)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> AccountProofBundle {
        AccountProofBundle(
            proof: try reader.read(), header: try reader.read(), commit: try reader.read(),
            validators: try reader.read())
    }
}
