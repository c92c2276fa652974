import Foundation
import Keys
import Testing
import Wire

@Suite("Merkle trees")
struct MerkleTreeTests {
    private struct Inclusion: Decodable {
        let leafIdx: UInt64
        let treeSize: UInt64
        let root: Data
        let leafHash: Data
        let proof: [Data]?
        let wantErr: Bool
        let `case`: String
    }
    private struct Consistency: Decodable {
        let size1: UInt64
        let size2: UInt64
        let root1: Data
        let root2: Data
        let proof: [Data]?
        let wantErr: Bool
        let `case`: String
    }
    private struct SubtreeInclusion: Decodable {
        let leafIdx: UInt64
        let start: UInt64
        let end: UInt64
        let root: Data
        let leafHash: Data
        let proof: [Data]?
        let wantErr: Bool
        let `case`: String
    }
    private struct SubtreeConsistency: Decodable {
        let start: UInt64
        let end: UInt64
        let size: UInt64
        let root1: Data
        let root2: Data
        let proof: [Data]?
        let wantErr: Bool
        let `case`: String
    }

    /// Some vectors have a text in place of a hash where only equality matters; its SHA-256 stands for it. An empty hash is
    /// one that our types cannot hold: nil.
    private func digests(_ data: [Data]) -> [Digest]? {
        guard !data.contains(where: \.isEmpty) else { return nil }
        return data.map { Digest(bytes: Array($0)) ?? Digest(sha256: Array($0)) }
    }

    @Test("every inclusion vector verifies, or fails, as it says")
    func inclusionVectors() throws {
        let vectors = try fixture("merkle/rfc6962_inclusion.json", as: [Inclusion].self)
        #expect(vectors.count == 66)
        for vector in vectors {
            let verifies = digests([vector.root, vector.leafHash] + (vector.proof ?? [])).map { hashes in
                InclusionProof(index: vector.leafIdx, total: vector.treeSize, path: Array(hashes[2...]))
                    .verifies(leafHash: hashes[1], root: hashes[0])
            }
            #expect((verifies ?? false) == !vector.wantErr, "\(vector.case)")
        }
    }

    @Test("every consistency vector verifies, or fails, as it says")
    func consistencyVectors() throws {
        let vectors = try fixture("merkle/rfc6962_consistency.json", as: [Consistency].self)
        #expect(vectors.count == 66)
        for vector in vectors {
            let verifies = digests([vector.root1, vector.root2] + (vector.proof ?? [])).map { hashes in
                ConsistencyProof(from: vector.size1, to: vector.size2, path: Array(hashes[2...]))
                    .verifies(earlier: hashes[0], later: hashes[1])
            }
            #expect((verifies ?? false) == !vector.wantErr, "\(vector.case)")
        }
    }

    @Test("every subtree inclusion vector verifies, or fails, as it says")
    func subtreeInclusionVectors() throws {
        let vectors = try fixture("merkle/rfc6962_subtreeinclusion.json", as: [SubtreeInclusion].self)
        #expect(vectors.count == 136)
        for vector in vectors {
            let verifies = digests([vector.root, vector.leafHash] + (vector.proof ?? [])).map { hashes in
                SubtreeProof.verifies(
                    leaf: vector.leafIdx, leafHash: hashes[1], start: vector.start, end: vector.end,
                    path: Array(hashes[2...]), subtree: hashes[0])
            }
            #expect((verifies ?? false) == !vector.wantErr, "\(vector.case)")
        }
    }

    @Test("every subtree consistency vector verifies, or fails, as it says")
    func subtreeConsistencyVectors() throws {
        let vectors = try fixture("merkle/rfc6962_subtreeconsistency.json", as: [SubtreeConsistency].self)
        #expect(vectors.count == 79)
        for vector in vectors {
            let verifies = digests([vector.root1, vector.root2] + (vector.proof ?? [])).map { hashes in
                SubtreeProof(start: vector.start, end: vector.end, total: vector.size, path: Array(hashes[2...]))
                    .verifies(subtree: hashes[0], root: hashes[1])
            }
            #expect((verifies ?? false) == !vector.wantErr, "\(vector.case)")
        }
    }

    /// The root as RFC 6962 section 2.1 defines it, by recursion.
    private func definition(_ leaves: ArraySlice<[UInt8]>) -> Digest {
        switch leaves.count {
        case 0: return Digest(sha256: [])
        case 1: return Digest(sha256: [0] + leaves[leaves.startIndex])
        default:
            var split = 1
            while split * 2 < leaves.count { split *= 2 }
            let middle = leaves.startIndex + split
            return Digest(sha256: [1] + definition(leaves[..<middle]).bytes + definition(leaves[middle...]).bytes)
        }
    }

    private func leaves(_ count: Int) -> [[UInt8]] { (0..<count).map { [UInt8($0), 0xaa] } }

    @Test("the root is the recursive definition for every size up to 70")
    func roots() {
        for count in 0...70 {
            let leaves = leaves(count)
            #expect(MerkleTree.root(of: leaves) == definition(leaves[...]))
            #expect(MerkleTree(leaves: leaves).root == definition(leaves[...]))
        }
    }

    @Test("every leaf of every tree up to 33 leaves is proved; every other index, size, leaf and path is refused")
    func inclusion() {
        for count in 1...33 {
            let leaves = leaves(count)
            let tree = MerkleTree(leaves: leaves)
            for index in 0..<count {
                let proof = tree.proof(for: index)
                #expect(proof.verifies(leaf: leaves[index], root: tree.root))
                for other in 0..<count where other != index {
                    #expect(!proof.verifies(leaf: leaves[other], root: tree.root))
                    let moved = InclusionProof(index: UInt64(other), total: UInt64(count), path: proof.path)
                    #expect(!moved.verifies(leaf: leaves[index], root: tree.root))
                }
                let longer = InclusionProof(index: proof.index, total: proof.total, path: proof.path + [.zero])
                #expect(!longer.verifies(leaf: leaves[index], root: tree.root))
                if !proof.path.isEmpty {
                    let shorter = InclusionProof(
                        index: proof.index, total: proof.total, path: Array(proof.path.dropLast()))
                    #expect(!shorter.verifies(leaf: leaves[index], root: tree.root))
                }
                for position in proof.path.indices {
                    var path = proof.path
                    path[position] = .zero
                    let changed = InclusionProof(index: proof.index, total: proof.total, path: path)
                    #expect(!changed.verifies(leaf: leaves[index], root: tree.root))
                }
            }
        }
    }

    @Test("every prefix of every tree up to 33 leaves is proved, and no other tree is")
    func consistency() {
        for count in 1...33 {
            let tree = MerkleTree(leaves: leaves(count))
            for size in 1...count {
                let earlier = MerkleTree.root(of: leaves(size))
                let proof = tree.consistencyProof(from: size)
                #expect(proof.verifies(earlier: earlier, later: tree.root))
                #expect(!proof.verifies(earlier: .zero, later: tree.root))
                #expect(!proof.verifies(earlier: earlier, later: .zero))
                let longer = ConsistencyProof(from: proof.from, to: proof.to, path: proof.path + [.zero])
                #expect(!longer.verifies(earlier: earlier, later: tree.root))
                for position in proof.path.indices {
                    var path = proof.path
                    path[position] = .zero
                    let changed = ConsistencyProof(from: proof.from, to: proof.to, path: path)
                    #expect(!changed.verifies(earlier: earlier, later: tree.root))
                }
            }
        }
    }

    @Test("every subtree of every tree up to 17 leaves is proved, and ranges that are none are refused")
    func subtrees() {
        for count in 1...17 {
            let tree = MerkleTree(leaves: leaves(count))
            for end in 1...count {
                for start in 0..<end {
                    guard SubtreeProof.isSubtree(start: UInt64(start), end: UInt64(end)) else { continue }
                    let proof = tree.subtreeProof(for: start..<end)
                    let root = MerkleTree.root(of: Array(leaves(count)[start..<end]))
                    #expect(proof.verifies(subtree: root, root: tree.root), "\(start)..<\(end) of \(count)")
                    #expect(!proof.verifies(subtree: .zero, root: tree.root))
                    let moved = SubtreeProof(
                        start: proof.start + 1, end: proof.end + 1, total: proof.total, path: proof.path)
                    #expect(!moved.verifies(subtree: root, root: tree.root) || tree.root == root)
                }
            }
        }
        #expect(!SubtreeProof.isSubtree(start: 1, end: 3) && !SubtreeProof.isSubtree(start: 4, end: 9))
        #expect(SubtreeProof.isSubtree(start: 4, end: 7) && SubtreeProof.isSubtree(start: 0, end: .max))
        #expect(!SubtreeProof.isSubtree(start: 3, end: 2) && !SubtreeProof.isSubtree(start: 1, end: .max))
    }

    @Test("proofs at the end of the number range do not overflow")
    func extremes() throws {
        let path = [Digest](repeating: .zero, count: 64)
        for index in [0, 1, .max - 2, .max - 1, .max] as [UInt64] {
            for total in [0, 1, .max - 1, .max] as [UInt64] {
                #expect(!InclusionProof(index: index, total: total, path: path).verifies(leaf: [], root: .zero))
                #expect(!ConsistencyProof(from: index, to: total, path: path).verifies(earlier: .zero, later: .zero))
                #expect(
                    !SubtreeProof(start: index, end: total, total: .max, path: path).verifies(
                        subtree: .zero, root: .zero))
            }
        }
    }

    @Test("a proof has one encoding")
    func encodings() throws {
        let tree = MerkleTree(leaves: leaves(5))
        try expectCanonical(tree.proof(for: 3))
        try expectCanonical(tree.consistencyProof(from: 3))
        try expectCanonical(tree.subtreeProof(for: 2..<4))
        let long = InclusionProof(index: 0, total: 1, path: [Digest](repeating: .zero, count: 65))
        #expect(throws: WireError.tooLong(length: 65, limit: 64)) {
            try InclusionProof(canonicalBytes: long.canonicalBytes)
        }
    }
}
