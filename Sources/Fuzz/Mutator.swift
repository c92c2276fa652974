import Keys
import Wire

/// Makes inputs from valid ones: seeded, so that a run can be repeated, and aware of how our formats are built (varints,
/// big-endian numbers, length-prefixed parts).
struct Mutator {
    private var generator: SeededGenerator
    private let seeds: [[UInt8]]
    /// Accepted inputs, to go on from: deeper than one step away from the examples.
    private var found: [[UInt8]] = []

    /// Longest input in bytes: longer ones only repeat what shorter ones show.
    private static let longest = 4096
    private static let keptLimit = 512

    init(seeds: [[UInt8]], seed: UInt64) {
        self.seeds = seeds.isEmpty ? [[]] : seeds
        generator = SeededGenerator(seed: seed)
    }

    mutating func keep(_ input: [UInt8]) {
        if found.count < Self.keptLimit {
            found.append(input)
        } else {
            found[below(found.count)] = input
        }
    }

    mutating func next() -> [UInt8] {
        if below(64) == 0 { return noise() }
        var input = base()
        for _ in 0...below(4) { mutate(&input) }
        if input.count > Self.longest { input.removeLast(input.count - Self.longest) }
        return input
    }

    private mutating func base() -> [UInt8] {
        !found.isEmpty && below(2) == 0 ? found[below(found.count)] : seeds[below(seeds.count)]
    }

    private mutating func mutate(_ input: inout [UInt8]) {
        switch below(12) {
        case 0: at(&input) { bytes, index, random in bytes[index] ^= 1 << UInt8(random % 8) }
        case 1: at(&input) { bytes, index, random in bytes[index] = UInt8(truncatingIfNeeded: random) }
        case 2: at(&input) { bytes, index, random in bytes[index] = Self.edges[Int(random % 8)] }
        case 3: at(&input) { bytes, index, random in bytes[index] &+= random & 1 == 0 ? 1 : 255 }
        case 4: remove(&input)
        case 5: duplicate(&input)
        case 6: insert(&input, noise(below(16) + 1))
        case 7: input.removeLast(below(input.count + 1))
        case 8: splice(&input)
        case 9: replaceVarint(&input)
        case 10: replaceNumber(&input)
        default: insert(&input, varint(interesting()))
        }
    }

    private static let edges: [UInt8] = [0x00, 0x01, 0x02, 0x7f, 0x80, 0x81, 0xfe, 0xff]

    private mutating func at(_ input: inout [UInt8], _ change: (inout [UInt8], Int, UInt64) -> Void) {
        guard !input.isEmpty else { return }
        change(&input, below(input.count), generator.next())
    }

    private mutating func remove(_ input: inout [UInt8]) {
        guard !input.isEmpty else { return }
        let start = below(input.count)
        input.removeSubrange(start..<start + 1 + below(min(32, input.count - start)))
    }

    private mutating func duplicate(_ input: inout [UInt8]) {
        guard !input.isEmpty else { return }
        let start = below(input.count)
        let piece = Array(input[start..<start + 1 + below(min(64, input.count - start))])
        for _ in 0...below(3) { insert(&input, piece) }
    }

    private mutating func insert(_ input: inout [UInt8], _ bytes: [UInt8]) {
        input.insert(contentsOf: bytes, at: below(input.count + 1))
    }

    private mutating func splice(_ input: inout [UInt8]) {
        let other = base()
        input = Array(input.prefix(below(input.count + 1))) + other.suffix(below(other.count + 1))
    }

    /// Puts another number where a varint may stand: lengths, counts and tags are varints.
    private mutating func replaceVarint(_ input: inout [UInt8]) {
        guard !input.isEmpty else { return }
        let start = below(input.count)
        var end = start
        while end < input.count - 1, input[end] >= 0x80 { end += 1 }
        var replacement = varint(interesting())
        if below(8) == 0 {
            // Not the shortest form.
            replacement[replacement.count - 1] |= 0x80
            replacement.append(0)
        }
        input.replaceSubrange(start...end, with: replacement)
    }

    /// Puts another number where one of fixed width may stand.
    private mutating func replaceNumber(_ input: inout [UInt8]) {
        let width = 1 << below(4)
        guard input.count >= width else { return }
        let start = below(input.count - width + 1)
        let value = interesting()
        let isLittle = below(2) == 0
        for index in 0..<width {
            let shift = UInt64(8 * (isLittle ? index : width - 1 - index))
            input[start + index] = UInt8(truncatingIfNeeded: value >> shift)
        }
    }

    /// A number near a limit: of a width, of a length, of a sign.
    private mutating func interesting() -> UInt64 {
        let power = UInt64(1) << UInt64(below(64))
        switch below(6) {
        case 0: return power
        case 1: return power &- 1
        case 2: return power &+ 1
        case 3: return 0 &- power
        case 4: return generator.next(below: 300)
        default: return generator.next()
        }
    }

    private func varint(_ value: UInt64) -> [UInt8] {
        var writer = ByteWriter(capacity: 10)
        writer.writeVarint(value)
        return writer.bytes
    }

    private mutating func noise(_ count: Int? = nil) -> [UInt8] {
        let length = count ?? below(200)
        return (0..<length).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }

    private mutating func below(_ bound: Int) -> Int { Int(generator.next(below: UInt64(bound))) }
}
