internal import Keys
internal import Models
package import Proofs
package import Wire

/// One model that a provider answers with.
package struct Offer: Hashable, Sendable, Canonical {
    /// In bytes of UTF-8.
    package static let nameLimit = 64
    /// Models of one provider that others take note of.
    package static let limit = 16

    package let choice: ModelChoice
    /// What people call the model, e.g. `SmolLM2-135M-Instruct.Q4_1`. Nothing is decided by it.
    package let name: String
    /// In seeds for each token of the answer; 0 = free.
    package let pricePerToken: UInt64
    /// Tokens of one answer in 1,000 seconds, as measured lately; 0 = not measured yet.
    package let speed: UInt64
    package let freeSlots: UInt32
    /// Prompt and answer together, in tokens.
    package let contextLength: UInt32
    package let modes: Set<VerificationMode>

    package init(
        choice: ModelChoice, name: String, pricePerToken: UInt64, speed: UInt64, freeSlots: UInt32,
        contextLength: UInt32, modes: Set<VerificationMode>
    ) {
        self.choice = choice
        self.name = name
        self.pricePerToken = pricePerToken
        self.speed = speed
        self.freeSlots = freeSlots
        self.contextLength = contextLength
        self.modes = modes
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(choice.model)
        writer.write(choice.arithmetic)
        writer.write(name)
        writer.write(pricePerToken)
        writer.write(speed)
        writer.write(freeSlots)
        writer.write(contextLength)
        writer.write(modes.reduce(UInt8(0)) { $0 | 1 << $1.rawValue })
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Offer {
        let choice = ModelChoice(model: try reader.read(), arithmetic: try reader.read())
        let name = try reader.readString(limit: nameLimit)
        let (price, speed) = (try reader.readUInt64(), try reader.readUInt64())
        let (slots, context) = (try reader.readUInt32(), try reader.readUInt32())
        let bits = try reader.readUInt8()
        let modes = VerificationMode.allCases.filter { bits & 1 << $0.rawValue != 0 }
        guard modes.reduce(UInt8(0), { $0 | 1 << $1.rawValue }) == bits else {
            throw .unknownTag(UInt64(bits), of: "VerificationMode")
        }
        return Offer(
            choice: choice, name: name, pricePerToken: price, speed: speed, freeSlots: slots, contextLength: context,
            modes: Set(modes))
    }
}
