package import Keys
package import Models
package import Proofs
package import Wire

/// What a provider asks for one model now, and what can be expected of it.
package struct Quote: Hashable, Sendable {
    package let model: Digest
    package let arithmetic: Arithmetic
    /// In seeds for each token of the answer; 0 = free.
    package let pricePerToken: UInt64
    /// Tokens of one answer in 1,000 seconds, as measured lately; 0 = not measured yet.
    package let speed: UInt64
    /// Questions that would be answered before.
    package let waiting: UInt32
    /// Answers that could begin at once.
    package let freeSlots: UInt32
    /// Prompt and answer together, in tokens.
    package let contextLength: UInt32
    package let modes: Set<VerificationMode>

    package init(
        model: Digest, arithmetic: Arithmetic, pricePerToken: UInt64, speed: UInt64, waiting: UInt32,
        freeSlots: UInt32, contextLength: UInt32, modes: Set<VerificationMode>
    ) {
        self.model = model
        self.arithmetic = arithmetic
        self.pricePerToken = pricePerToken
        self.speed = speed
        self.waiting = waiting
        self.freeSlots = freeSlots
        self.contextLength = contextLength
        self.modes = modes
    }

    package var bytes: [UInt8] {
        var writer = ProtobufWriter()
        writer.write(1, bytes: model.bytes)
        writer.write(2, varint: UInt64(arithmetic.rawValue))
        writer.write(3, varint: pricePerToken)
        writer.write(4, varint: speed)
        writer.write(5, varint: UInt64(waiting))
        writer.write(6, varint: UInt64(freeSlots))
        writer.write(7, varint: UInt64(contextLength))
        for mode in modes.sorted(by: { $0.rawValue < $1.rawValue }) {
            writer.write(8, varint: UInt64(mode.rawValue))
        }
        return writer.bytes
    }

    package init(bytes: [UInt8]) throws(WireError) {
        var model: Digest?
        var arithmetic: Arithmetic?
        var price: UInt64 = 0
        var speed: UInt64 = 0
        var counts: [UInt32: UInt32] = [:]
        var modes: Set<VerificationMode> = []
        var reader = ProtobufReader(bytes, fieldLimit: 64)
        while let field = try reader.next() {
            switch field.number {
            case 1: model = Digest(bytes: try field.bytes(limit: 32))
            case 2: arithmetic = UInt8(exactly: try field.varint()).flatMap(Arithmetic.init(rawValue:))
            case 3: price = try field.varint()
            case 4: speed = try field.varint()
            case 5, 6, 7: counts[field.number] = UInt32(clamping: try field.varint())
            case 8:
                // A mode of a later version is of no use here.
                if let mode = UInt8(exactly: try field.varint()).flatMap(VerificationMode.init(rawValue:)) {
                    modes.insert(mode)
                }
            default: break
            }
        }
        guard let model, let arithmetic else { throw .invalid("a quote without model and arithmetic") }
        self.init(
            model: model, arithmetic: arithmetic, pricePerToken: price, speed: speed, waiting: counts[5] ?? 0,
            freeSlots: counts[6] ?? 0, contextLength: counts[7] ?? 0, modes: modes)
    }
}

/// What a quote is wanted for.
package struct ModelChoice: Hashable, Sendable {
    package let model: Digest
    package let arithmetic: Arithmetic

    package init(model: Digest, arithmetic: Arithmetic) {
        self.model = model
        self.arithmetic = arithmetic
    }

    /// What a request asks for.
    package init(of request: InferenceRequest) {
        self.init(model: request.model, arithmetic: request.arithmetic)
    }

    package var bytes: [UInt8] {
        var writer = ProtobufWriter()
        writer.write(1, bytes: model.bytes)
        writer.write(2, varint: UInt64(arithmetic.rawValue))
        return writer.bytes
    }

    package init(bytes: [UInt8]) throws(WireError) {
        var model: Digest?
        var arithmetic: Arithmetic?
        var reader = ProtobufReader(bytes, fieldLimit: 64)
        while let field = try reader.next() {
            switch field.number {
            case 1: model = Digest(bytes: try field.bytes(limit: 32))
            case 2: arithmetic = UInt8(exactly: try field.varint()).flatMap(Arithmetic.init(rawValue:))
            default: break
            }
        }
        guard let model, let arithmetic else { throw .invalid("a choice without model and arithmetic") }
        self.init(model: model, arithmetic: arithmetic)
    }
}
