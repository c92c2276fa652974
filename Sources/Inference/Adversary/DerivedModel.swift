internal import Glibc
internal import Models
internal import Tensors

/// A cheaper model made from a file: what a provider runs that claims to run the file.
struct DerivedModel {
    let model: LanguageModel
    /// For each boundary of this model the boundaries of the whole one that it stands for.
    let boundaries: [Range<Int>]

    /// - Throws: ``ModelError``, or ``NoRoom`` when /tmp does not take it.
    init(_ weights: Deviation.Weights, of whole: LanguageModel) throws {
        let layers = whole.shape.layers
        var edit = GGUFEdit(whole.file)
        var kept = Array(0..<layers)
        switch weights {
        case .asNamed: break
        case .coarse: edit.change { $0.name.hasPrefix("blk.") && $0.shape.count > 1 ? $0.coarse : $0 }
        case .pruned: edit.change { $0.name == "blk.\(layers / 2).ffn_down.weight" ? $0.zero : $0 }
        case .fewerLayers:
            kept = kept.filter { $0 % 5 != 1 }
            edit.keep(layers: kept)
        }
        model = weights == .asNamed ? whole : try edit.opened()
        let ends = kept.map { $0 + 1 } + [layers + 1]
        boundaries = [0..<(ends.first ?? 1)] + zip(ends, ends.dropFirst()).map { $0..<$1 }
    }

    struct NoRoom: Error { let bytes: Int }
}

/// A model file under change.
private struct GGUFEdit {
    private var metadata: [String: GGUFValue]
    private var tensors: [GGUFWriter.Content]

    init(_ file: GGUFFile) {
        metadata = file.metadata.values.filter { $0.key != "general.alignment" }
        tensors = file.tensorNames.compactMap { file.tensors[$0] }.map {
            unsafe GGUFWriter.Content(name: $0.name, type: $0.type, shape: $0.shape, bytes: Array($0.bytes))
        }
    }

    mutating func change(_ body: (GGUFWriter.Content) -> GGUFWriter.Content) { tensors = tensors.map(body) }

    /// Leaves out all layers but these and counts the others anew.
    mutating func keep(layers: [Int]) {
        tensors = tensors.compactMap { tensor in
            let parts = tensor.name.split(separator: ".", maxSplits: 2)
            guard parts.count == 3, parts[0] == "blk", let layer = Int(parts[1]) else { return tensor }
            return layers.firstIndex(of: layer).map { tensor.renamed("blk.\($0).\(parts[2])") }
        }
        for key in metadata.keys where key.hasSuffix(".block_count") { metadata[key] = .integer(layers.count) }
    }

    /// The model; its file has lost its name and goes with it.
    func opened() throws -> LanguageModel {
        let bytes = GGUFWriter(metadata: metadata.map { ($0.key, $0.value) }, tensors: tensors).bytes
        var path = Array("/tmp/banyan-derived-XXXXXX".utf8CString)
        let descriptor = unsafe mkstemp(&path)
        guard descriptor >= 0 else { throw DerivedModel.NoRoom(bytes: bytes.count) }
        defer {
            close(descriptor)
            _ = unsafe unlink(path)
        }
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes[written...].withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw DerivedModel.NoRoom(bytes: bytes.count) }
            written += count
        }
        return try LanguageModel.open(String(decoding: path.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
    }
}

extension GGUFWriter.Content {
    fileprivate func renamed(_ name: String) -> GGUFWriter.Content {
        .init(name: name, type: type, shape: shape, bytes: bytes)
    }

    fileprivate func with(_ bytes: [UInt8]) -> GGUFWriter.Content {
        .init(name: name, type: type, shape: shape, bytes: bytes)
    }

    fileprivate var zero: GGUFWriter.Content { with([UInt8](repeating: 0, count: bytes.count)) }

    /// Each weight's integer with three bits, rounded up and down in turn; of floats the lowest byte is lost.
    fileprivate var coarse: GGUFWriter.Content {
        let (place, kept, added): (Range<Int>, UInt8, UInt8) =
            switch type {
            case .q4_0: (2..<18, 0xee, 0x10)
            case .q4_1: (4..<20, 0xee, 0x10)
            case .q5_0: (6..<22, 0xcc, 0x22)
            case .q5_1: (8..<24, 0xcc, 0x22)
            case .q8_0: (2..<34, 0xe0, 0x10)
            case .q4_K: (16..<144, 0xee, 0x10)
            case .q6_K: (0..<128, 0x88, 0x44)
            case .float32, .float16, .bfloat16: (0..<1, 0, 0)
            }
        var result = bytes
        for start in stride(from: 0, to: bytes.count, by: type.blockBytes) {
            for index in place { result[start + index] = result[start + index] & kept | added }
        }
        return with(result)
    }
}
