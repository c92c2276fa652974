package import Keys
package import Models
internal import Wire

/// What a model has computed for one answer, position by position, as digests.
///
/// The leaf of a position is `job ‖ position ‖ token ‖ root`, the root being over the digests of the states at all boundaries
/// (RFC 6962 both). The job is part of every leaf, so that no transcript, leaf or path of one answer serves for another.
package struct Transcript: Hashable, Sendable {
    /// Id of the request.
    package let job: Digest
    /// The tokens fed, from position 0.
    package let tokens: [TokenID]
    /// For each position the root over its boundaries.
    package let boundaryRoots: [Digest]

    /// - Precondition: one root for each token.
    package init(job: Digest, tokens: [TokenID], boundaryRoots: [Digest]) {
        precondition(tokens.count == boundaryRoots.count, "\(tokens.count) tokens, \(boundaryRoots.count) roots")
        self.job = job
        self.tokens = tokens
        self.boundaryRoots = boundaryRoots
    }

    package var count: Int { tokens.count }
    package var root: Digest { tree.root }

    /// The tree over the leaves, for paths.
    package var tree: MerkleTree {
        MerkleTree(
            leafHashes: tokens.indices.map {
                Self.leafHash(job: job, position: $0, token: tokens[$0], boundaries: boundaryRoots[$0])
            })
    }

    /// Hash of the leaf of one position.
    package static func leafHash(job: Digest, position: Int, token: TokenID, boundaries: Digest) -> Digest {
        var writer = ByteWriter(capacity: 72)
        writer.write(job)
        writer.write(UInt32(position))
        writer.write(token)
        writer.write(boundaries)
        return MerkleTree.leafHash(writer.bytes)
    }

    /// The tree over the boundaries of one position. The digest of a state is the hash of a leaf as it is: it is of another function than those
    /// of nodes.
    package static func boundaryTree(_ states: some Sequence<Digest>) -> MerkleTree {
        MerkleTree(leafHashes: Array(states))
    }
}
