/// Regroups a stream of small integers, most significant bit first: bytes to five-bit words and back.
struct BitRegrouper {
    private let inputWidth: UInt32
    private let outputWidth: UInt32
    private var held: UInt32 = 0
    private var count: UInt32 = 0

    /// Both widths are between 1 and 8 bits.
    private init(from inputWidth: UInt32, to outputWidth: UInt32) {
        self.inputWidth = inputWidth
        self.outputWidth = outputWidth
    }

    private mutating func push(_ value: UInt8, emit: (UInt8) -> Void) {
        held = held << inputWidth | UInt32(value)
        count += inputWidth
        while count >= outputWidth {
            count -= outputWidth
            emit(UInt8(held >> count))
            held &= (1 << count) - 1
        }
    }

    /// The bits that are left, filled up with zeros to one output word; nil when none are left.
    private var padded: UInt8? { count == 0 ? nil : UInt8(held << (outputWidth - count)) }

    /// Whether what is left is only the zero bits that the encoder added, fewer than one input word.
    private var endsCleanly: Bool { count < inputWidth && held == 0 }

    /// Bytes as words of so many bits, the last one filled up with zeros.
    static func words(of bytes: some Sequence<UInt8>, width: UInt32) -> [UInt8] {
        var words: [UInt8] = []
        var bits = BitRegrouper(from: 8, to: width)
        for byte in bytes { bits.push(byte) { words.append($0) } }
        if let rest = bits.padded { words.append(rest) }
        return words
    }

    /// - Returns: nil unless ``words(of:width:)`` makes these words of some bytes.
    static func bytes(of words: [UInt8], width: UInt32) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits = BitRegrouper(from: width, to: 8)
        for word in words { bits.push(word) { bytes.append($0) } }
        return bits.endsCleanly ? bytes : nil
    }
}
