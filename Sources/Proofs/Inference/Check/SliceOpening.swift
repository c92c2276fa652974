package import Keys
package import Wire

/// What a provider opens for a layer audit: the states that enter the drawn layer, and enough of the tree to compare what leaves it.
///
/// The states that leave the layer are not part of it. The verifier computes them, and only the right ones lead to the committed
/// roots: an audit that was not carried out cannot look like one that was.
package struct SliceOpening: Canonical, Hashable {
    /// For each position, the root over its boundaries.
    package let roots: [Digest]
    /// States at the boundary before the layer, one for each position.
    package let inputs: [[Float]]
    /// For each position the path of the two boundaries of the layer.
    package let layerPaths: [[Digest]]
    /// For each position the path of boundary 0.
    package let embeddingPaths: [[Digest]]
    /// States at the last boundary before each drawn step, and their paths.
    package let lastStates: [[Float]]
    package let lastPaths: [[Digest]]

    package init(
        roots: [Digest], inputs: [[Float]], layerPaths: [[Digest]], embeddingPaths: [[Digest]], lastStates: [[Float]],
        lastPaths: [[Digest]]
    ) {
        self.roots = roots
        self.inputs = inputs
        self.layerPaths = layerPaths
        self.embeddingPaths = embeddingPaths
        self.lastStates = lastStates
        self.lastPaths = lastPaths
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(list: roots)
        writer.write(rows: inputs)
        Self.write(layerPaths, into: &writer)
        Self.write(embeddingPaths, into: &writer)
        writer.write(rows: lastStates)
        Self.write(lastPaths, into: &writer)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> SliceOpening {
        let limit = InferenceRequest.tokenLimit
        return SliceOpening(
            roots: try reader.readList(limit: limit), inputs: try reader.readRows(limit: limit),
            layerPaths: try readPaths(from: &reader), embeddingPaths: try readPaths(from: &reader),
            lastStates: try reader.readRows(limit: limit), lastPaths: try readPaths(from: &reader))
    }

    private static func write(_ paths: [[Digest]], into writer: inout ByteWriter) {
        writer.writeVarint(UInt64(paths.count))
        for path in paths { writer.write(list: path) }
    }

    private static func readPaths(from reader: inout ByteReader) throws(WireError) -> [[Digest]] {
        let count = try reader.readVarint()
        guard count <= UInt64(InferenceRequest.tokenLimit) else {
            throw .tooLong(length: count, limit: UInt64(InferenceRequest.tokenLimit))
        }
        var paths: [[Digest]] = []
        for _ in 0..<count { paths.append(try reader.readList(limit: RangeProof.pathLimit)) }
        return paths
    }
}
