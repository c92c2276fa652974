import Keys
import Models
import Proofs
import Testing
import Wire

@Suite struct TranscriptTests {
    private static let layers = 5
    private let job = Sample.digest("job")

    private func state(_ position: Int, _ boundary: Int) -> [Float] {
        (0..<12).map { Float(position * 100 + boundary) + Float($0) / 16 }
    }
    private func digests(_ position: Int) -> [Digest] { (0...Self.layers).map { StateDigest.of(state(position, $0)) } }
    private func token(_ position: Int) -> TokenID { TokenID(position * 7 % 11) }

    /// Shows the positions to the recorder, layer by layer as a prefill does.
    private func feed(_ recorder: some StateObserver, _ positions: Range<Int>, piece: Int = 0) {
        for boundary in 0...Self.layers {
            for position in positions {
                unsafe state(position, boundary).withUnsafeBufferPointer {
                    unsafe recorder.observe(
                        piece: piece, position: position, token: token(position), boundary: boundary, state: $0)
                }
            }
        }
    }

    private func transcript(_ count: Int) -> Transcript {
        let recorder = TranscriptRecorder(layers: Self.layers)
        feed(recorder, 0..<count)
        return recorder.transcript(job: job)
    }

    @Test("a leaf is job, position, token and the root over the digests of the boundaries")
    func definition() {
        let count = 9
        let expected = MerkleTree.root(
            of: (0..<count).map { position in
                var writer = ByteWriter()
                writer.write(job)
                writer.write(UInt32(position))
                writer.write(token(position))
                writer.write(MerkleTree.root(ofLeafHashes: digests(position)))
                return writer.bytes
            })
        #expect(transcript(count).root == expected)
    }

    @Test("the digest of a state is what the reference implementation of BLAKE3 gives for its numbers, little-endian")
    func state() {
        // blake3.blake3(struct.pack("<576f", *numbers), derive_key_context=…).hexdigest(), package blake3 1.0.11 of Python.
        let numbers = (0..<576).map { Float($0) / 2 - 100 }
        let expected = "0151425fb8d839ea6d661aefab9568b150bb9b835cb2ce7e3212c95292d85c7e"
        #expect(StateDigest.of(numbers).description == expected)
    }

    @Test("the cut into passes, the other pieces of a pass, and reused positions do not change a transcript")
    func cuts() {
        let whole = transcript(23)
        for cut in 1..<23 {
            let recorder = TranscriptRecorder(layers: Self.layers)
            let other = TranscriptRecorder(layers: Self.layers)
            let pass = PieceObservers([[other], [recorder]])
            feed(pass, 0..<cut, piece: 1)
            feed(pass, 0..<3, piece: 0)
            for position in cut..<23 { feed(pass, position..<position + 1, piece: 1) }
            #expect(recorder.transcript(job: job) == whole)
            let next = TranscriptRecorder(
                layers: Self.layers, reusing: Array(recorder.tokens[..<cut]),
                boundaryRoots: Array(recorder.boundaryRoots[..<cut]))
            feed(next, cut..<23)
            #expect(next.transcript(job: job) == whole)
        }
    }

    @Test("passes of one, few and many positions give one transcript, on 1, 2 and 3 threads", arguments: 1...3)
    func passes(threads: Int) throws {
        // More boundaries than are read together.
        let layers = 35
        let transformer = try TinyModel.transformer(TinyModel.tensors(layers: layers), threads: threads)
        let tokens = (0..<60).map { TokenID($0 * 7 % 11) }
        let expected = Transcript(
            job: job, tokens: tokens,
            boundaryRoots: try {
                let digests = BoundaryDigests(layers: layers)
                try transformer.replay(tokens, observers: [digests])
                return digests.positions.map { Transcript.boundaryTree($0).root }
            }())
        for size in [1, 2, 15, 16, 17, 33, 60] {
            let cache = KeyValueCache(transformer.model.shape, limit: tokens.count)
            let recorder = TranscriptRecorder(layers: layers)
            while cache.count < tokens.count {
                let some = tokens[cache.count..<min(cache.count + size, tokens.count)]
                let piece = Transformer.Piece(cache: cache, tokens: Array(some), logits: .none)
                _ = try transformer.forward([piece], observer: recorder)
            }
            #expect(recorder.transcript(job: job).root == expected.root, "\(size) at a time")
        }
    }

    @Test("sequences of one pass have each its own transcript, wherever they are cut", arguments: 1...3)
    func sequences(threads: Int) throws {
        let transformer = try TinyModel.transformer(threads: threads)
        let lengths = [21, 5, 27, 1, 40]
        let texts = lengths.enumerated().map { text, length in (0..<length).map { TokenID(($0 * 7 + text) % 90) } }
        func recorders() -> [TranscriptRecorder] {
            lengths.map { _ in TranscriptRecorder(layers: TinyModel.layers) }
        }
        func pieces(_ texts: [[TokenID]]) -> [Transformer.Piece] {
            texts.map {
                .init(cache: KeyValueCache(transformer.model.shape, limit: 40), tokens: $0, logits: .none)
            }
        }
        let alone = recorders()
        for (recorder, piece) in zip(alone, pieces(texts)) {
            _ = try transformer.forward([piece], observer: recorder)
        }
        // The second one is observed by nobody, the third by two.
        let (together, other) = (recorders(), TranscriptRecorder(layers: TinyModel.layers))
        var observers: [[any StateObserver]] = together.map { [$0] }
        observers[1] = []
        observers[2].append(other)
        _ = try transformer.forward(pieces(texts), observer: PieceObservers(observers))
        for text in texts.indices where text != 1 {
            #expect(together[text].transcript(job: job) == alone[text].transcript(job: job), "sequence \(text)")
        }
        #expect(other.transcript(job: job) == alone[2].transcript(job: job))
        #expect(together[1].tokens.isEmpty)
    }

    @Test("a pass that meets a number that is not finite leaves nothing behind for the next", arguments: 1...3)
    func brokenPasses(threads: Int) throws {
        var tensors = TinyModel.tensors()
        let bad: TokenID = 5, rowBytes = TinyModel.width / 32 * 34
        var bytes = tensors[0].bytes
        // The scale of its first block: the half that is infinite.
        bytes[Int(bad) * rowBytes] = 0x00
        bytes[Int(bad) * rowBytes + 1] = 0x7c
        tensors[0] = .init(name: tensors[0].name, type: tensors[0].type, shape: tensors[0].shape, bytes: bytes)
        let tokens = (0..<60).map { TokenID(6 + $0 % 80) }
        func root(_ transformer: Transformer) throws -> Digest {
            let cache = KeyValueCache(transformer.model.shape, limit: 60)
            let recorder = TranscriptRecorder(layers: TinyModel.layers)
            _ = try transformer.forward([.init(cache: cache, tokens: tokens, logits: .none)], observer: recorder)
            return recorder.transcript(job: job).root
        }
        let transformer = try TinyModel.transformer(tensors, threads: threads)
        let expected = try root(TinyModel.transformer(tensors, threads: threads))
        for _ in 0..<20 {
            let cache = KeyValueCache(transformer.model.shape, limit: 60)
            let recorder = TranscriptRecorder(layers: TinyModel.layers)
            #expect(throws: ModelError.notFinite(layer: 0, position: 59)) {
                let piece = Transformer.Piece(cache: cache, tokens: tokens.dropLast() + [bad], logits: .none)
                _ = try transformer.forward([piece], observer: recorder)
            }
            #expect(cache.count == 0 && recorder.boundaryRoots.isEmpty)
            #expect(try root(transformer) == expected)
        }
    }

    @Test("the same states for another job have no leaf in common")
    func jobsDiffer() {
        let first = transcript(6)
        let second = Transcript(
            job: Sample.digest("other"), tokens: first.tokens, boundaryRoots: first.boundaryRoots)
        #expect(first.root != second.root)
        for position in 0..<6 {
            let proof = StateProof(states: digests(position), boundary: 0, position: position, in: second.tree)
            #expect(
                !proof.verifies(
                    digests(position)[0], boundary: 0, layers: Self.layers, position: position, token: token(position),
                    of: receipt(first)))
        }
    }

    private func receipt(_ transcript: Transcript) -> Receipt {
        Receipt(
            job: job, round: 0, worker: AccountID(Sample.provider.publicKey), input: .zero, code: .zero, seed: .zero,
            checkpoints: transcript.root, count: UInt32(transcript.count), output: .zero, residual: .zero)
    }

    @Test(
        "a state opens at its own boundary, position and token of its own receipt, and nowhere else",
        arguments: [1, 2, 7, 12])
    func stateProofs(count: Int) throws {
        let transcript = transcript(count)
        let receipt = receipt(transcript)
        let tree = transcript.tree
        for position in 0..<count {
            let states = digests(position)
            for boundary in 0...Self.layers {
                let proof = StateProof(states: states, boundary: boundary, position: position, in: tree)
                func opens(
                    _ state: Digest, _ boundary: Int, _ position: Int, _ token: TokenID, layers: Int = Self.layers,
                    _ proof: StateProof
                ) -> Bool {
                    proof.verifies(
                        state, boundary: boundary, layers: layers, position: position, token: token, of: receipt)
                }
                let state = states[boundary]
                #expect(opens(state, boundary, position, token(position), proof))
                #expect(!opens(states[(boundary + 1) % states.count], boundary, position, token(position), proof))
                #expect(!opens(state, boundary + 1, position, token(position), proof))
                #expect(!opens(state, boundary - 1, position, token(position), proof))
                #expect(!opens(state, boundary, position + 1, token(position), proof))
                #expect(!opens(state, boundary, position, token(position) + 1, proof))
                #expect(!opens(state, boundary, position, token(position), layers: Self.layers + 1, proof))
                guard boundary == 3 else { continue }
                let bytes = proof.canonicalBytes
                for bit in 0..<bytes.count * 8 {
                    guard let changed = try? StateProof(canonicalBytes: bytes.flipping(bit: bit)) else { continue }
                    #expect(!opens(state, boundary, position, token(position), changed), "bit \(bit)")
                }
            }
        }
    }

    @Test("a node of the tree is not taken for a leaf, nor a shorter tree with a doubled leaf for a longer one")
    func confusion() {
        let three = transcript(3)
        // CVE-2012-2459: with a last leaf doubled, some trees keep their root.
        let doubled = Transcript(
            job: job, tokens: three.tokens + [three.tokens[2]],
            boundaryRoots: three.boundaryRoots + [three.boundaryRoots[2]])
        #expect(doubled.root != three.root)
        // The two children of the root, offered as a tree of two leaves.
        let four = transcript(4)
        let hashes = (0..<4).map {
            Transcript.leafHash(job: job, position: $0, token: four.tokens[$0], boundaries: four.boundaryRoots[$0])
        }
        let left = MerkleTree.nodeHash(hashes[0], hashes[1])
        let right = MerkleTree.nodeHash(hashes[2], hashes[3])
        #expect(MerkleTree.nodeHash(left, right) == four.root)
        #expect(MerkleTree.root(of: [left.bytes, right.bytes]) != four.root)
        let inclusion = InclusionProof(index: 0, total: 2, path: [right])
        #expect(!inclusion.verifies(leaf: hashes[0].bytes + hashes[1].bytes, root: four.root))
    }

    @Test("every NaN has one digest, and no other number shares it")
    func notANumber() {
        let plain: [Float] = [1, .nan, 3]
        for pattern: UInt32 in [0x7fc0_0000, 0xffc0_0000, 0x7f80_0001, 0x7fc0_1234, 0xffff_ffff] {
            #expect(StateDigest.of([1, Float(bitPattern: pattern), 3]) == StateDigest.of(plain))
        }
        for states in [
            [[1, Float(bitPattern: 0xff80_0001), 3], plain, [0, 1, 2]], [plain, [4, 5, 6]], [plain], [],
        ] {
            #expect(StateDigest.of(all: states) == states.map { StateDigest.of($0) })
        }
        for other: Float in [.infinity, -.infinity, 0, -0.0, 2, .leastNonzeroMagnitude] {
            #expect(StateDigest.of([1, other, 3]) != StateDigest.of(plain))
        }
        #expect(StateDigest.of([0]) != StateDigest.of([-0.0]))
    }
}
