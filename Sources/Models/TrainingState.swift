package import Keys
package import Wire

/// All that the next training step depends on, besides the specification and the samples.
package struct TrainingState: Hashable, Sendable, Canonical {
    /// In the order of ``MLP``.
    package var parameters: [Float]
    /// The speed of each parameter.
    package var momentum: [Float]
    /// Steps taken since the round began.
    package var step: UInt32

    /// The state in which a round begins: at rest.
    package init(parameters: [Float]) { self.init(parameters: parameters, momentum: [], step: 0) }

    /// - Parameter momentum: one speed per parameter, or none for a state at rest.
    package init(parameters: [Float], momentum: [Float], step: UInt32) {
        precondition(momentum.isEmpty || momentum.count == parameters.count, "a speed is missing")
        self.parameters = parameters
        self.momentum = momentum.isEmpty ? [Float](repeating: 0, count: parameters.count) : momentum
        self.step = step
    }

    package var digest: Digest { digest("training-state") }

    /// Varint count n, n parameters, n speeds (``FloatBytes``), step.
    package func encode(into writer: inout ByteWriter) {
        writer.writeVarint(UInt64(parameters.count))
        writer.writeRaw(FloatBytes.encode(parameters))
        writer.writeRaw(FloatBytes.encode(momentum))
        writer.write(step)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> TrainingState {
        let count = try reader.readVarint()
        let limit = UInt64(MLP.parameterLimit)
        guard count <= limit else { throw .tooLong(length: count, limit: limit) }
        return TrainingState(
            parameters: try FloatBytes.read(Int(count), from: &reader),
            momentum: try FloatBytes.read(Int(count), from: &reader), step: try reader.readUInt32())
    }

    /// Equal bits; a NaN equals a NaN.
    package static func == (left: TrainingState, right: TrainingState) -> Bool {
        left.step == right.step && FloatBytes.encode(left.parameters) == FloatBytes.encode(right.parameters)
            && FloatBytes.encode(left.momentum) == FloatBytes.encode(right.momentum)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(step)
        hasher.combine(FloatBytes.encode(parameters))
    }
}
