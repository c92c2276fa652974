/// A model file in GGUF, mapped read-only. Opening it reads the header only.
package final class GGUFFile: Sendable {
    package let path: String
    package let metadata: GGUFMetadata
    /// By name.
    package let tensors: [String: GGUFTensor]
    /// Names in the order of the file.
    package let tensorNames: [String]
    private let file: MappedFile

    /// - Throws: ``ModelError`` when the file cannot be read, or its header does not hold together.
    package init(path: String) throws(ModelError) {
        file = try MappedFile(path: path)
        let header = try unsafe GGUFHeader(file.bytes, path: path)
        try file.checkUnchanged()
        self.path = path
        metadata = header.metadata
        tensorNames = header.tensors.map(\.name)
        tensors = [String: GGUFTensor](
            uniqueKeysWithValues: header.tensors.map { [file] in ($0.name, GGUFTensor($0, in: file)) })
    }

    /// Bytes of the file.
    package var size: Int { unsafe file.bytes.count }

    /// - Throws: ``ModelError/gguf(path:reason:)`` when there is no such tensor.
    package func tensor(_ name: String) throws(ModelError) -> GGUFTensor {
        guard let tensor = tensors[name] else { throw .gguf(path: path, reason: "tensor '\(name)' is missing") }
        return tensor
    }

    /// Call after reading weights and before relying on them: costs a microsecond.
    /// - Throws: ``ModelError/fileChanged(path:)`` when the file was written to or cut since it was opened.
    package func checkUnchanged() throws(ModelError) { try file.checkUnchanged() }
}
