import Foundation
import Node
import Testing

/// Fixtures/infraxa/SOURCE.md names the origin of the vectors.
struct InfraxaTests {
    private struct Vectors: Decodable {
        struct Leaf: Decodable {
            var step: Int
            var input_hash, logits_hash, nonce, leaf: String
            var token: UInt32
        }
        struct Input: Decodable {
            var prompt_plus_generated: [UInt32]
            var nonce, hash: String
        }
        struct Output: Decodable {
            var tokens: [UInt32]
            var hash: String
        }
        struct Logits: Decodable {
            var float32: [Float]
            var f16_le_hex, logits_hash: String
        }
        struct Pair: Decodable { var left, right, parent: String }
        struct Signed: Decodable { var message: String }

        var leaf_hash: [Leaf]
        var input_hash: [Input]
        var output_hash: [Output]
        var logits_f16: Logits
        var pair_hash: Pair
        var roots: [String: String]
        var proof_4_leaf2: [[String]]
        var sig_hmac: Signed
        var known_bug_unverifiable_leaves: [String: [Int]]
    }

    private let vectors: Vectors

    init() throws {
        let path = URL(filePath: #filePath).appending(path: "../../../Fixtures/infraxa/poi.json").standardized
        vectors = try JSONDecoder().decode(Vectors.self, from: try Data(contentsOf: path))
    }

    private func tree(_ count: Int) -> InfraxaTree { InfraxaTree((0..<count).map { InfraxaHash.of("\($0)") }) }

    @Test("leaves, inputs, outputs, logits and the signed text hash as published")
    func hashes() {
        for leaf in vectors.leaf_hash {
            #expect(
                InfraxaHash.leaf(
                    step: leaf.step, input: leaf.input_hash, logits: leaf.logits_hash, token: leaf.token,
                    nonce: leaf.nonce) == leaf.leaf)
        }
        for input in vectors.input_hash {
            #expect(InfraxaHash.input(input.prompt_plus_generated, nonce: input.nonce) == input.hash)
        }
        for output in vectors.output_hash { #expect(InfraxaHash.output(output.tokens) == output.hash) }
        let logits = InfraxaLogits(vectors.logits_f16.float32)
        #expect(
            logits.bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
                == vectors.logits_f16.f16_le_hex)
        #expect(logits.hash == vectors.logits_f16.logits_hash)
        #expect(InfraxaHash.pair(vectors.pair_hash.left, vectors.pair_hash.right) == vectors.pair_hash.parent)
        #expect(InfraxaHash.signed(root: "root", output: "out", job: "job", model: "model") == vectors.sig_hmac.message)
    }

    @Test("a nonce that is no plain word is written as Python writes it")
    func escapes() {
        // json.dumps([1, "\"\\\n\x7fé😀"]) of Python 3.
        #expect(
            InfraxaHash.input([1], nonce: "\"\\\n\u{7f}é😀") == InfraxaHash.of(#"[1, "\"\\\n\u007f\u00e9\ud83d\ude00"]"#)
        )
    }

    @Test(
        "roots are as published, and every leaf of every tree has a path to its root, also where published paths lead nowhere"
    )
    func trees() throws {
        for (count, root) in vectors.roots { #expect(tree(try #require(Int(count))).root == root) }
        #expect(tree(4).path(of: 2).map { [$0.hash, $0.isLeft ? "left" : "right"] } == vectors.proof_4_leaf2)
        for count in Set(vectors.known_bug_unverifiable_leaves.keys.compactMap { Int($0) }).union(1...9) {
            let tree = tree(count)
            for leaf in 0..<count {
                let end = tree.path(of: leaf).reduce(InfraxaHash.of("\(leaf)")) { node, step in
                    step.isLeft ? InfraxaHash.pair(step.hash, node) : InfraxaHash.pair(node, step.hash)
                }
                #expect(end == tree.root, "leaf \(leaf) of \(count)")
            }
        }
    }

    @Test("the end of a message is found at every cut, whatever brackets stand in its texts")
    func ends() {
        let message = Array(#" {"a": ["}\"{", {"b": "\\"}], "c": {}}"#.utf8)
        for cut in 0..<message.count {
            var end = MessageEnd()
            #expect(end.isReached(by: Array(message[..<cut])) == false)
            #expect(end.isReached(by: Array(message[cut...])) == true)
        }
        for text in ["x", "}", "12", "\"text\" }"] {
            var end = MessageEnd()
            #expect(end.isReached(by: Array(text.utf8)) != true)
        }
    }
}
