import Keys
import Proofs
import Testing
import Wire

@Suite struct DeltaCodecTests {
    static let widths = QuantisedDelta.Width.allCases

    /// Bits of an exact value, so that −0 and 0 differ.
    private func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }

    @Test("integers times scale plus residual is the change to the last bit", arguments: 0..<200 as Range<UInt64>)
    func exact(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let tensors = [40, 1, 7]
        // Magnitudes from 2^-40 to 2^10, and some zeros.
        let change = (0..<48).map { _ -> Float in
            guard dice.next(below: 10) > 0 else { return 0 }
            let significand = 1 + Float(dice.next(below: 1 << 23)) * 0x1p-23
            let sign: FloatingPointSign = dice.next(below: 2) == 0 ? .plus : .minus
            return Float(sign: sign, exponent: Int(dice.next(below: 50)) - 40, significand: significand)
        }
        for width in Self.widths {
            let zeros = ParameterBytes.zeros(48)
            let (delta, rest) = try DeltaCodec.encode(
                base: zeros, trained: change, residual: zeros, tensors: tensors, width: width)
            #expect(delta.blocks.map(\.values.count) == tensors)
            let values = delta.blocks.flatMap { block in
                block.values.map { Double($0) * Double(sign: .plus, exponent: block.exponent, significand: 1) }
            }
            for index in change.indices { #expect(values[index] + Double(rest[index]) == Double(change[index])) }
            var start = 0
            for block in delta.blocks {
                let largest = change[start..<start + block.values.count].map { abs(Double($0)) }.max() ?? 0
                let quantum = Double(sign: .plus, exponent: block.exponent, significand: 1)
                #expect(largest <= Double(width.limit) * quantum)
                // No smaller scale would do.
                if block.exponent > QuantisedDelta.exponents.lowerBound {
                    #expect(largest > Double(width.limit) * quantum / 2)
                }
                for index in start..<start + block.values.count { #expect(abs(Double(rest[index])) <= quantum / 2) }
                start += block.values.count
            }
            #expect(try QuantisedDelta(canonicalBytes: delta.canonicalBytes) == delta)
        }
    }

    @Test("halves go to the even neighbour")
    func ties() throws {
        let zeros = ParameterBytes.zeros(8)
        let change: [Float] = [127, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 126.5]
        let (delta, rest) = try DeltaCodec.encode(
            base: zeros, trained: change, residual: zeros, tensors: [8], width: .int8)
        #expect(delta.blocks[0].exponent == 0)
        #expect(delta.blocks[0].values == [127, 0, 2, 2, 0, -2, -2, 126])
        #expect(rest == [0, 0.5, -0.5, 0.5, -0.5, 0.5, -0.5, 0.5])
    }

    @Test("the order of the two roundings of the change is base first, then residual")
    func order() throws {
        // Added the other way round, the residual would vanish in 1 + 2^-23.
        let (base, trained, residual): ([Float], [Float], [Float]) = ([1], [1 + 0x1p-23], [0x1p-25])
        let expected = 0x1p-23 + 0x1p-25
        let (delta, rest) = try DeltaCodec.encode(
            base: base, trained: trained, residual: residual, tensors: [1], width: .int8)
        let scale = Double(sign: .plus, exponent: delta.blocks[0].exponent, significand: 1)
        #expect(Double(delta.blocks[0].values[0]) * scale + Double(rest[0]) == expected)
    }

    @Test("error feedback: what is sent over many rounds is what was meant, up to one quantum")
    func feedback() throws {
        var residual = ParameterBytes.zeros(4)
        let step: [Float] = [1, 0.001, -0.0013, 0.0004]
        var sent = [Double](repeating: 0, count: 4)
        for round in 1...1000 {
            let (delta, rest) = try DeltaCodec.encode(
                base: ParameterBytes.zeros(4), trained: step, residual: residual, tensors: [4], width: .int8)
            residual = rest
            let quantum = Double(sign: .plus, exponent: delta.blocks[0].exponent, significand: 1)
            for index in 0..<4 {
                sent[index] += Double(delta.blocks[0].values[index]) * quantum
                #expect(abs(sent[index] - Double(step[index]) * Double(round)) <= quantum)
            }
        }
    }

    @Test("what is not finite, too large or of another shape is refused")
    func refusals() {
        let zeros = ParameterBytes.zeros(2)
        for value in [Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude, 0x1p23] {
            #expect(throws: DeltaCodec.Failure.outOfRange(index: 1)) {
                try DeltaCodec.encode(base: zeros, trained: [0, value], residual: zeros, tensors: [2], width: .int8)
            }
        }
        #expect(throws: DeltaCodec.Failure.shape(expected: 2, found: 1)) {
            try DeltaCodec.encode(base: zeros, trained: [0], residual: zeros, tensors: [2], width: .int8)
        }
    }

    @Test("every truncation and every flipped bit of a delta is refused or is another delta", arguments: widths)
    func canonical(width: QuantisedDelta.Width) throws {
        let delta = QuantisedDelta(
            width: width, blocks: [.init(exponent: -7, values: [1, -2, 127, -127]), .init(exponent: 15, values: [])])
        let bytes = delta.canonicalBytes
        for length in bytes.indices {
            #expect(throws: (any Error).self) { try QuantisedDelta(canonicalBytes: Array(bytes[..<length])) }
        }
        for bit in 0..<bytes.count * 8 {
            let changed = bytes.flipping(bit: bit)
            guard let read = try? QuantisedDelta(canonicalBytes: changed) else { continue }
            #expect(read != delta)
            #expect(read.canonicalBytes == changed)
        }
    }

    @Test(
        "random bytes never crash a decoder, and what is accepted encodes to itself", arguments: 0..<20 as Range<UInt64>
    )
    func fuzz(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let bench = Bench(seed: 1)
        let product = try bench.train(bench.task(place: 0))
        let samples = [
            product.update.canonicalBytes, product.checkpoints[1].canonicalBytes,
            try #require(SegmentOpening(of: product.update, segment: 0)).canonicalBytes,
        ]
        for _ in 0..<500 {
            var bytes = samples[Int(dice.next(below: 3))]
            for _ in 0...dice.next(below: 8) {
                switch dice.next(below: 4) {
                case 0: bytes = Array(bytes.prefix(Int(dice.next(below: UInt64(bytes.count + 1)))))
                case 1: bytes.append(UInt8(truncatingIfNeeded: dice.next()))
                case 2: if !bytes.isEmpty { bytes.remove(at: Int(dice.next(below: UInt64(bytes.count)))) }
                default:
                    let place = Int(dice.next(below: UInt64(max(1, min(bytes.count, 80)))))
                    if place < bytes.count { bytes[place] = UInt8(truncatingIfNeeded: dice.next()) }
                }
            }
            if let value = try? Update(canonicalBytes: bytes) { #expect(value.canonicalBytes == bytes) }
            if let value = try? QuantisedDelta(canonicalBytes: bytes) { #expect(value.canonicalBytes == bytes) }
            if let value = try? Checkpoint(canonicalBytes: bytes) { #expect(value.canonicalBytes == bytes) }
            if let value = try? SegmentOpening(canonicalBytes: bytes) { #expect(value.canonicalBytes == bytes) }
        }
    }
}
