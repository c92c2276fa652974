import Keys
import Models
import Testing
import Wire

/// An account named by a small number.
func worker(_ number: UInt8) throws -> AccountID {
    AccountID(try #require(SigningKey(seed: [UInt8](repeating: number, count: 32))).publicKey)
}

func specification(
    _ data: Dataset, layers: [Int], batch: UInt32 = 8, epochs: UInt32 = 2, every: UInt32 = 3, shards: UInt32 = 3,
    annealing: UInt32 = 0
) throws -> TrainingSpecification {
    try TrainingSpecification(
        network: try MLP(layers: layers), dataset: data.digest, batch: batch, learningRate: Ratio(5, 100)!,
        annealing: annealing, momentum: Ratio(9, 10)!, epochs: epochs, checkpointEvery: every,
        partition: try Partition.Plan(kind: .dirichlet, shards: shards, alpha: Ratio(1, 2)!, seed: .zero), deltaBits: 8)
}

/// Every truncation, every extension and every flipped bit is refused, or is itself the encoding of another value.
func expectCanonical<Value: Canonical & Equatable>(_ value: Value) throws {
    let bytes = value.canonicalBytes
    #expect(try Value(canonicalBytes: bytes) == value)
    for length in bytes.indices {
        #expect(throws: WireError.self) { try Value(canonicalBytes: Array(bytes[..<length])) }
    }
    #expect(throws: WireError.self) { try Value(canonicalBytes: bytes + [0]) }
    for bit in 0..<bytes.count * 8 {
        var changed = bytes
        changed[bit / 8] ^= 1 << UInt8(bit % 8)
        if let other = try? Value(canonicalBytes: changed) {
            #expect(other.canonicalBytes == changed && other != value, "bit \(bit)")
        }
    }
}

/// Random bytes, and random changes of a good encoding, are refused or decode to a value with exactly these bytes.
func fuzz<Value: Canonical>(_ type: Value.Type, from seeds: [[UInt8]], rounds: Int) {
    var generator = SeededGenerator(seed: 9)
    for round in 0..<rounds {
        var bytes = seeds[round % seeds.count]
        for _ in 0..<1 + Int(generator.next(below: 4)) {
            let place = Int(generator.next(below: UInt64(bytes.count + 1)))
            switch generator.next(below: 4) {
            case 0: bytes.insert(UInt8(truncatingIfNeeded: generator.next()), at: place)
            case 1 where place < bytes.count: bytes.remove(at: place)
            case 2 where place < bytes.count: bytes[place] = [0, 0xff, 0x7f, 0x80][Int(generator.next(below: 4))]
            default: if place < bytes.count { bytes[place] = UInt8(truncatingIfNeeded: generator.next()) }
            }
        }
        if let value = try? Value(canonicalBytes: bytes) { #expect(value.canonicalBytes == bytes, "round \(round)") }
    }
}
