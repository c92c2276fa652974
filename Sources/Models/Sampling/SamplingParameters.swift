package import Wire

/// How a token is chosen from logits. Integers only, so that the same parameters mean the same on every machine.
package struct SamplingParameters: Hashable, Sendable, Canonical {
    /// Temperature 10; beyond, the choice is uniform for all practical purposes.
    package static let temperatureLimit: UInt32 = 10_000
    /// All of the probability, in parts per million.
    package static let wholeProbability: UInt32 = 1_000_000
    /// Stop tokens of one request; more than a chat template ever needs.
    package static let stopLimit = 16

    /// Thousandths; 0 takes the most likely token.
    package let temperature: UInt32
    /// Only the `topK` most likely tokens can be chosen; 0 = all.
    package let topK: UInt32
    /// Parts per million: only the most likely tokens that together have this probability can be chosen; 1,000,000 = all.
    package let topP: UInt32
    /// Parts per million of the greatest probability: less likely tokens cannot be chosen; 0 = all can.
    package let minP: UInt32
    /// Most tokens of the answer, at least 1; the token that ends it counts.
    package let maximumTokens: UInt32
    /// Tokens that end the answer, beside the end tokens of the model. Strictly ascending: one list for one set.
    package let stop: [TokenID]

    /// - Returns: nil when a value is out of its range. `stop` may have any order and repetitions.
    package init?(
        temperature: UInt32 = 0, topK: UInt32 = 0, topP: UInt32 = wholeProbability, minP: UInt32 = 0,
        maximumTokens: UInt32, stop: [TokenID] = []
    ) {
        let stop = Set(stop).sorted()
        guard temperature <= Self.temperatureLimit, topP <= Self.wholeProbability, minP <= Self.wholeProbability,
            maximumTokens > 0, stop.count <= Self.stopLimit
        else { return nil }
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.maximumTokens = maximumTokens
        self.stop = stop
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(temperature)
        writer.write(topK)
        writer.write(topP)
        writer.write(minP)
        writer.write(maximumTokens)
        writer.write(tokens: stop)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> SamplingParameters {
        let (temperature, topK) = (try reader.readUInt32(), try reader.readUInt32())
        let (topP, minP) = (try reader.readUInt32(), try reader.readUInt32())
        let maximumTokens = try reader.readUInt32()
        let stop = try reader.readTokens(limit: stopLimit)
        guard
            let value = SamplingParameters(
                temperature: temperature, topK: topK, topP: topP, minP: minP, maximumTokens: maximumTokens, stop: stop),
            value.stop == stop
        else { throw .invalid("sampling parameters out of range, or stop tokens not ascending") }
        return value
    }
}
