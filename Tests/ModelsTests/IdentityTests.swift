import Foundation
import Keys
import Models
import Tensors
import Testing
import Wire

@Suite("Identity of a model")
struct IdentityTests {
    /// Three tensors, one of several chunks: 3 × 50 rows of 1,024 floats are 16 rows a chunk.
    private static let writer: GGUFWriter = {
        var generator = SeededGenerator(seed: 3)
        func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) } }
        return GGUFWriter(
            metadata: [
                ("general.architecture", .text(Array("llama".utf8))), ("general.name", .text([65])),
                ("llama.block_count", .integer(2)), ("llama.rope.freq_base", .real(10_000)),
                ("tokenizer.ggml.tokens", .texts(GGUFStrings(["a", "b"]))),
                ("tokenizer.ggml.scores", .reals([0.5, 1])),
                ("tokenizer.chat_template", .text(Array("{{ x }}".utf8))),
            ],
            tensors: [
                .init(name: "w.2", type: .float32, shape: [1024, 50, 3], bytes: bytes(1024 * 150 * 4)),
                .init(name: "w.1", type: .q8_0, shape: [64, 2], bytes: bytes(136)),
                .init(name: "norm", type: .float32, shape: [5], bytes: bytes(20)),
            ])
    }()

    private func tree(_ writer: GGUFWriter, threads: Int = 2) throws -> WeightTree {
        // The mapping lives on when the name of the file is gone.
        let file = try TemporaryFile(writer.bytes)
        return try WeightTree(try GGUFFile(path: file.path), threads: threads)
    }

    private func root(_ change: (inout GGUFWriter) -> Void) throws -> Digest {
        var writer = Self.writer
        change(&writer)
        return try tree(writer).identity.root
    }

    @Test("the root is that of the weights and what steers them, not of names and layout")
    func whatCounts() throws {
        let original = try root { _ in }
        #expect(original.description == "5d197fbdfa2c3ea9799eb62bf599ee207dfbd6a41da5dcc7bea25cdb1cfef042")
        #expect(try tree(Self.writer, threads: 1).identity.root == original)
        #expect(try root { $0.tensors.reverse() } == original)
        #expect(try root { $0.metadata.reverse() } == original)
        #expect(try root { $0.metadata[1].value = .text([66]) } == original)
        #expect(try root { $0 = GGUFWriter(metadata: $0.metadata, tensors: $0.tensors, alignment: 64) } == original)
        var seen: Set<Digest> = [original]
        func changes(_ change: (inout GGUFWriter) -> Void) throws { #expect(seen.insert(try root(change)).inserted) }
        func tensor(_ index: Int, name: String? = nil, type: WeightType? = nil, shape: [Int]? = nil, flip: Int? = nil)
            throws
        {
            try changes { writer in
                let old = writer.tensors[index]
                var bytes = old.bytes
                if let flip { bytes[flip / 8] ^= 1 << UInt8(flip % 8) }
                writer.tensors[index] = .init(
                    name: name ?? old.name, type: type ?? old.type, shape: shape ?? old.shape, bytes: bytes)
            }
        }
        for bit in stride(from: 0, to: 160, by: 7) { try tensor(2, flip: bit) }
        for bit in [0, 64 * 1024 * 8 - 1, 64 * 1024 * 8, 1024 * 150 * 32 - 1] { try tensor(0, flip: bit) }
        try tensor(0, name: "w.3")
        try tensor(0, shape: [1024, 3, 50])
        try tensor(0, shape: [512, 100, 3])
        try tensor(2, type: .float16, shape: [10])
        try changes { $0.tensors.removeLast() }
        for (key, value): (String, GGUFValue) in [
            ("general.architecture", .text(Array("gemma".utf8))), ("llama.block_count", .integer(3)),
            ("llama.rope.freq_base", .real(10_001)), ("tokenizer.ggml.tokens", .texts(GGUFStrings(["ab", ""]))),
            ("tokenizer.ggml.scores", .reals([0.5, 2])), ("tokenizer.chat_template", .text(Array("{{ y }}".utf8))),
        ] {
            try changes { writer in
                let place = writer.metadata.firstIndex { $0.key == key }!
                writer.metadata[place].value = value
            }
        }
        try changes { $0.metadata.append(("llama.extra", .flag(true))) }
        try changes { $0.metadata.append(("tokenizer.chat_template.tool", .text([1]))) }
    }

    @Test("every chunk of every tensor is proved, and the proofs cover all rows")
    func proofs() throws {
        let tree = try tree(Self.writer)
        let root = tree.identity.root
        for content in Self.writer.tensors {
            var bytes: [UInt8] = []
            var chunk = 0
            while let proof = try tree.proof(tensor: content.name, chunk: chunk) {
                let rows = try #require(proof.rows(in: root))
                #expect(rows.lowerBound * proof.tensor.rowBytes == bytes.count && proof.bytes.count <= 65_536)
                bytes += proof.bytes
                chunk += 1
            }
            #expect(
                bytes == content.bytes && chunk == tree.identity.tensors.first { $0.name == content.name }?.chunkCount)
        }
        #expect(throws: ModelError.self) { try tree.proof(tensor: "none", chunk: 0) }
        #expect(try tree.proof(tensor: "norm", chunk: -1) == nil)
    }

    @Test("a proof with any bit changed proves nothing")
    func mutations() throws {
        let tree = try tree(Self.writer)
        let root = tree.identity.root
        for (name, chunk) in [("w.1", 0), ("norm", 0), ("w.2", 0), ("w.2", 9)] {
            let good = try #require(try tree.proof(tensor: name, chunk: chunk))
            let bytes = good.canonicalBytes
            // All bits of what is not weights, and every 997th bit of those.
            let head = bytes.count - good.bytes.count
            for bit in Array(0..<head * 8) + Array(stride(from: head * 8, to: bytes.count * 8, by: 997)) {
                var changed = bytes
                changed[bit / 8] ^= 1 << UInt8(bit % 8)
                if let proof = try? WeightProof(canonicalBytes: changed) {
                    #expect(proof.rows(in: root) == nil, "\(name) \(chunk): bit \(bit)")
                }
            }
            #expect(good.rows(in: Digest(sha256: root.bytes)) == nil)
            func altered(tensor: WeightLeaf? = nil, total: UInt64? = nil, path: [Digest]? = nil, bytes: [UInt8]? = nil)
                -> WeightProof
            {
                WeightProof(
                    tensor: tensor ?? good.tensor, tree: good.tree,
                    tensorPath: InclusionProof(
                        index: good.tensorPath.index, total: total ?? good.tensorPath.total,
                        path: path ?? good.tensorPath.path),
                    chunkPath: good.chunkPath, bytes: bytes ?? good.bytes)
            }
            #expect(altered().rows(in: root) != nil)
            for total: UInt64 in [0, 1, 2, 3, 5, 8, .max] { #expect(altered(total: total).rows(in: root) == nil) }
            #expect(altered(path: good.tensorPath.path + [root]).rows(in: root) == nil)
            #expect(altered(bytes: good.bytes + [0]).rows(in: root) == nil)
            #expect(altered(bytes: good.bytes.dropLast()).rows(in: root) == nil)
        }
    }

    @Test("identity, leaf and proof have one encoding each")
    func encodings() throws {
        let tree = try tree(Self.writer)
        try expectCanonical(tree.identity)
        try expectCanonical(tree.identity.tensors[1])
        try expectCanonical(try #require(try tree.proof(tensor: "norm", chunk: 0)))
        #expect(try ModelIdentity(canonicalBytes: tree.identity.canonicalBytes).root == tree.identity.root)
        fuzz(
            WeightProof.self, from: [try #require(try tree.proof(tensor: "w.1", chunk: 0)).canonicalBytes],
            rounds: 20_000)
        fuzz(ModelIdentity.self, from: [tree.identity.canonicalBytes], rounds: 20_000)
    }

    @Test("a file that was written to gives no identity and no proof")
    func changedFile() throws {
        let file = try TemporaryFile(Self.writer.bytes)
        let model = try GGUFFile(path: file.path)
        let tree = try WeightTree(model)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: file.path)
        #expect(throws: ModelError.fileChanged(path: file.path)) { try tree.proof(tensor: "norm", chunk: 0) }
        #expect(throws: ModelError.fileChanged(path: file.path)) { try WeightTree(model) }
    }

    @Test("bytes that changed behind the back of the clock are proved by nobody")
    func changedSilently() throws {
        let file = try TemporaryFile(Self.writer.bytes)
        let tree = try WeightTree(try GGUFFile(path: file.path))
        let date = try #require(try FileManager.default.attributesOfItem(atPath: file.path)[.modificationDate])
        let handle = try #require(FileHandle(forWritingAtPath: file.path))
        // The last weight, of "norm", which the file ends with but for its padding.
        try handle.seek(toOffset: UInt64(Self.writer.bytes.count - 24))
        try handle.write(contentsOf: Data([UInt8](repeating: 0xa5, count: 20)))
        try handle.close()
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file.path)
        #expect(throws: ModelError.fileChanged(path: file.path)) { try tree.proof(tensor: "norm", chunk: 0) }
        #expect(throws: ModelError.fileChanged(path: file.path)) { try tree.chunk(holding: 0, of: "norm") }
    }

    @Test("rows are read with the chunk that holds them")
    func chunkOfRow() throws {
        let tree = try tree(Self.writer)
        let found = try #require(try tree.chunk(holding: 35, of: "w.2"))
        #expect(found.first == 32 && found.bytes.count == 16 * 4096 && found.tensor.name == "w.2")
        #expect(try tree.chunk(holding: 150, of: "w.2") == nil)
        #expect(try tree.chunk(holding: -1, of: "w.2") == nil)
        #expect(try tree.chunk(holding: 0, of: "nothing") == nil)
    }

    @Test("the installed model has its name")
    func installed() throws {
        let tree = try WeightTree(try GGUFFile(path: try InstalledModel.path))
        #expect(tree.identity.root.description == "372d5ce310a68700313080d5c63e3a5b8e9f068388ea372a39fd15b0b6b0fb19")
        #expect(tree.identity.tensors.count == 272 && tree.identity.tensors.map(\.chunkCount).reduce(0, +) > 1_500)
        let proof = try #require(try tree.proof(tensor: "token_embd.weight", chunk: 459))
        #expect(proof.rows(in: tree.identity.root) == 49_113..<49_152)
    }
}
