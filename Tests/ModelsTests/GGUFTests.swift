import Foundation
import Keys
import Models
import Tensors
import Testing

@Suite("GGUF files")
struct GGUFTests {
    private func failure(_ bytes: [UInt8]) -> String? {
        do throws(ModelError) {
            _ = try GGUFHeader(bytes, path: "f")
            return nil
        } catch {
            if case .gguf("f", let reason) = error { return reason }
            return "another error: \(error)"
        }
    }

    @Test("a file reads back as it was written, tensors in place")
    func roundTrip() throws {
        let bytes = SmallModel.writer.bytes
        let file = try TemporaryFile(bytes)
        let model = try GGUFFile(path: file.path)
        #expect(model.size == bytes.count && model.tensorNames == ["a.weight", "b.weight"])
        for (key, value) in SmallModel.writer.metadata { #expect(model.metadata.values[key] == value) }
        #expect(try model.metadata.integer("negative") == -5 && model.metadata.real("double") == 0.1)
        #expect(try model.metadata.texts("texts").map(Array.init) == [[97], [], [99, 99, 99]])
        let (a, b) = (try model.tensor("a.weight"), try model.tensor("b.weight"))
        #expect(a.rows == 2 && a.columns == 32 && a.rowBytes == 34 && a.type == .q8_0)
        #expect(unsafe Array(a.bytes) == SmallModel.writer.tensors[0].bytes)
        #expect(b.row(0) == [1, -2, 0] && b.rows == 1)
        try model.checkUnchanged()
    }

    @Test("a missing key and a key of another type are named")
    func wrongTypes() throws {
        let metadata = try GGUFHeader(SmallModel.writer.bytes, path: "f").metadata
        #expect(throws: ModelError.gguf(path: "f", reason: "'x' is missing; it should be an integer")) {
            try metadata.integer("x")
        }
        #expect(throws: ModelError.gguf(path: "f", reason: "'yes' is a bool, an array of strings was expected")) {
            try metadata.texts("yes", default: GGUFStrings())
        }
        #expect(try metadata.integer("x", default: 7) == 7)
    }

    @Test("every truncation is refused")
    func truncations() {
        let bytes = SmallModel.writer.bytes
        #expect(failure(bytes) == nil)
        for length in bytes.indices { #expect(failure(Array(bytes[..<length])) != nil, "\(length) bytes") }
    }

    @Test(
        "a mutated header is refused with a reason or describes tensors inside the file",
        arguments: 1...4 as ClosedRange<UInt64>)
    func mutations(seed: UInt64) throws {
        let original = SmallModel.writer.bytes
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<5_000 {
            var bytes = original
            for _ in 0...generator.next(below: 3) {
                let place = Int(generator.next(below: UInt64(bytes.count)))
                switch generator.next(below: 3) {
                case 0: bytes[place] ^= 1 << UInt8(generator.next(below: 8))
                case 1: bytes[place] = generator.next(below: 2) == 0 ? 0xff : 0x7f
                default: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
                }
            }
            do throws(ModelError) {
                for tensor in try GGUFHeader(bytes, path: "f").tensors {
                    #expect(tensor.place.lowerBound >= 0 && tensor.place.upperBound <= bytes.count)
                    #expect(tensor.place.count == tensor.shape.dropFirst().reduce(tensor.rowBytes, *))
                }
            } catch { #expect(error.isAboutGGUF, "\(error)") }
        }
    }

    @Test("each broken field is named with its value")
    func brokenFields() {
        let good = SmallModel.writer
        func with(_ type: WeightType = .float32, shape: [Int], bytes: Int = 4096, name: String = "w") -> GGUFWriter {
            GGUFWriter(
                metadata: [],
                tensors: [.init(name: name, type: type, shape: shape, bytes: [UInt8](repeating: 0, count: bytes))])
        }
        func patched(_ writer: GGUFWriter, _ text: String, _ offset: Int, _ bytes: [UInt8]) -> [UInt8] {
            var file = writer.bytes
            let key = Array(text.utf8)
            let place = file.indices.first { file[$0...].starts(with: key) }!
            file.replaceSubrange(place + key.count + offset..<place + key.count + offset + bytes.count, with: bytes)
            return file
        }
        #expect(failure([]) == "ends inside its header, after 0 bytes")
        #expect(failure(Array("GGML".utf8)) == "is no GGUF file: it does not begin with 'GGUF'")
        #expect(failure(Array("GGUF".utf8) + [1, 0, 0, 0]) == "is of GGUF version 1, 2 or 3 were expected")
        #expect(failure(Array("GGUF".utf8) + [0, 0, 0, 3]) == "is a big-endian GGUF file")
        #expect(failure(with(.q4_1, shape: [33]).bytes)?.contains("no multiple of 32 as Q4_1 needs") == true)
        #expect(failure(with(shape: [1 << 11, 3]).bytes)?.contains("does not fit a file of") == true)
        #expect(failure(with(shape: [1, 1, 1, 1, 1]).bytes)?.contains("5 dimensions, 1 to 4") == true)
        #expect(failure(with(shape: [4, 0]).bytes)?.contains("does not fit") == true)
        #expect(failure(with(shape: [0]).bytes)?.contains("rows of 0 numbers") == true)
        // After a tensor's name: dimensions (4), an extent (8), type (4), offset (8).
        let typed = patched(with(shape: [8]), "w", 12, [10, 0, 0, 0])
        #expect(failure(typed)?.hasPrefix("tensor 'w' is of Q2_K (ggml type 10); supported are F32, F16,") == true)
        #expect(failure(patched(with(shape: [8]), "w", 12, [99, 0, 0, 0]))?.contains("ggml type 99") == true)
        #expect(failure(patched(with(shape: [8]), "w", 16, [4]))?.contains("begins at 4, no multiple") == true)
        #expect(failure(patched(with(shape: [8]), "w", 22, [1]))?.contains("is the offset of 'w'") == true)
        #expect(failure(patched(good, "yes", 4, [2])) == "'yes' is a bool of 2, neither 0 nor 1")
        #expect(failure(patched(good, "yes", 0, [77])) == "'yes' has the unknown value type 77")
        #expect(failure(patched(good, "flags", 4, [9])) == "'flags' is an array of arrays, which no model needs")
        #expect(failure(patched(good, "flags", 8, [0xff, 0xff]))?.contains("cannot hold them") == true)
        #expect(failure(patched(good, "flags", 11, [0xff]))?.contains("at most 16777") == true)
        var twice = good
        twice.metadata.append(("yes", .flag(false)))
        #expect(failure(twice.bytes) == "'yes' occurs twice")
        twice = good
        twice.tensors.append(good.tensors[1])
        #expect(failure(twice.bytes) == "tensor 'b.weight' occurs twice")
        // The second tensor moved onto the first: its offset field becomes 0.
        #expect(
            failure(patched(good, "b.weight", 16, [0])) == "the bytes of tensors 'b.weight' and 'a.weight' overlap"
                || failure(patched(good, "b.weight", 16, [0]))
                    == "the bytes of tensors 'a.weight' and 'b.weight' overlap"
        )
        for alignment in [0, 24, -32, 1 << 21] {
            let writer = GGUFWriter(metadata: [("general.alignment", .integer(alignment))], tensors: [])
            #expect(failure(writer.bytes) == "an alignment of \(alignment) is no power of two up to 1048576")
        }
    }

    @Test("a written or cut file is noticed, a replaced one is not touched")
    func changes() throws {
        let bytes = SmallModel.writer.bytes
        let file = try TemporaryFile(bytes)
        let model = try GGUFFile(path: file.path)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: file.path)
        #expect(throws: ModelError.fileChanged(path: file.path)) { try model.checkUnchanged() }
        let second = try GGUFFile(path: file.path)
        #expect(unsafe truncate(file.path, off_t(bytes.count - 1)) == 0)
        #expect(throws: ModelError.fileChanged(path: file.path)) { try second.checkUnchanged() }
        try Data(bytes).write(to: URL(fileURLWithPath: file.path))
        let third = try GGUFFile(path: file.path)
        try FileManager.default.removeItem(atPath: file.path)
        try third.checkUnchanged()
        #expect(try third.tensor("b.weight").row(0) == [1, -2, 0])
    }

    @Test("bytes cut off under a mapping read as zeros instead of ending the process, and the cut is noticed")
    func cutWhileReading() throws {
        let rows = 64
        let writer = GGUFWriter(
            metadata: [("general.architecture", .text(Array("llama".utf8)))],
            tensors: [
                .init(
                    name: "a", type: .q8_0, shape: [1024, rows], bytes: [UInt8](repeating: 7, count: rows * 34 * 32))
            ])
        let file = try TemporaryFile(writer.bytes)
        let model = try GGUFFile(path: file.path)
        let tensor = try model.tensor("a")
        #expect(unsafe truncate(file.path, 8192) == 0)
        // The first row is still there; the last one is pages behind the end.
        #expect(tensor.bytes(ofRows: 0..<1) == [UInt8](repeating: 7, count: 34 * 32))
        #expect(tensor.bytes(ofRows: rows - 1..<rows) == [UInt8](repeating: 0, count: 34 * 32))
        #expect(throws: ModelError.fileChanged(path: file.path)) { try model.checkUnchanged() }
        #expect(throws: ModelError.fileChanged(path: file.path)) { try WeightTree(model) }
    }

    @Test("what is no file is refused")
    func noFile() throws {
        #expect(throws: ModelError.fileUnreadable(path: "/nowhere/x", errno: ENOENT)) {
            try GGUFFile(path: "/nowhere/x")
        }
        #expect(throws: ModelError.self) { try GGUFFile(path: "/dev/null") }
        #expect(throws: ModelError.self) { try GGUFFile(path: "/tmp") }
        let empty = try TemporaryFile([])
        #expect(throws: ModelError.gguf(path: empty.path, reason: "is empty")) { try GGUFFile(path: empty.path) }
    }
}

extension ModelError {
    var isAboutGGUF: Bool { if case .gguf = self { true } else { false } }
}
