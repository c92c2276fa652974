package import Keys
package import Models
package import Wire

/// The whole state of a training between two segments: parameters, momentum, step, and which residual the worker came with.
///
/// The residual does not change during a round, so a checkpoint holds its digest, not its numbers: 32 bytes, then the state. The
/// digest of these bytes in the domain of the blob store is a leaf of the receipt's tree and the name under which the worker
/// serves the checkpoint.
package struct Checkpoint: Hashable, Sendable, Canonical {
    package let residual: Digest
    package let state: TrainingState

    package init(residual: Digest, state: TrainingState) {
        self.residual = residual
        self.state = state
    }

    /// The leaf of this checkpoint.
    package var leaf: Digest { digest("blob") }

    package func encode(into writer: inout ByteWriter) {
        writer.write(residual)
        writer.write(state)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Checkpoint {
        Checkpoint(residual: try reader.read(), state: try reader.read())
    }

    /// No encoding for a model of this size is longer.
    package static func sizeLimit(parameters: Int) -> Int { 64 + parameters * 8 }
}
