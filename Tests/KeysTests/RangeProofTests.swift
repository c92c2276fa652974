import Keys
import Testing
import Wire

@Suite struct RangeProofTests {
    private func leaves(_ count: Int) -> [Digest] { (0..<count).map { Digest(sha256: [UInt8($0)]) } }

    @Test("every range of every tree up to 33 leaves leads to the root, and to no other with one leaf changed")
    func everyRange() {
        for count in 1...33 {
            let leaves = leaves(count)
            let tree = MerkleTree(leafHashes: leaves)
            for start in 0..<count {
                for end in start + 1...count {
                    let proof = tree.rangeProof(for: start..<end)
                    #expect(proof.root(leafHashes: Array(leaves[start..<end])) == tree.root)
                    var wrong = Array(leaves[start..<end])
                    wrong[(start + end) % wrong.count] = .zero
                    #expect(proof.root(leafHashes: wrong) != tree.root)
                    #expect(proof.path.count <= 2 * (Int.bitWidth - count.leadingZeroBitCount))
                }
            }
        }
    }

    @Test("a path that is too short or too long, and a range outside the tree, lead nowhere")
    func shape() {
        let leaves = leaves(11)
        let tree = MerkleTree(leafHashes: leaves)
        let proof = tree.rangeProof(for: 3..<5)
        let inner = Array(leaves[3..<5])
        func root(_ start: UInt32, _ end: UInt32, _ total: UInt32, _ path: [Digest]) -> Digest? {
            RangeProof(start: start, end: end, total: total, path: path).root(leafHashes: inner)
        }
        #expect(root(3, 5, 11, proof.path) == tree.root)
        #expect(root(3, 5, 11, proof.path + [.zero]) == nil)
        #expect(root(3, 5, 11, Array(proof.path.dropLast())) == nil)
        #expect(root(3, 6, 11, proof.path) == nil)
        #expect(root(5, 3, 11, proof.path) == nil)
        #expect(root(10, 12, 11, proof.path) == nil)
        #expect(root(4, 6, 11, proof.path) != tree.root)
        #expect(root(3, 5, .max, proof.path) != tree.root)
    }
}
