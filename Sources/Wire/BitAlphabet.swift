/// Text in which each character stands for the same number of bits, without padding (RFC 4648).
struct BitAlphabet: Sendable {
    private let characters: [UInt8]
    /// By character.
    private let values: [UInt8: UInt8]
    /// Bits a character.
    private let width: UInt32

    /// - Parameter characters: 2 to the power of some number, in ASCII, the one for 0 first.
    init(_ characters: String) {
        self.characters = Array(characters.utf8)
        values = Dictionary(uniqueKeysWithValues: self.characters.enumerated().map { ($1, UInt8($0)) })
        width = UInt32(self.characters.count.trailingZeroBitCount)
    }

    func encode(_ bytes: some Sequence<UInt8>) -> String {
        let words = BitRegrouper.words(of: bytes, width: width)
        return String(decoding: words.map { characters[Int($0)] }, as: UTF8.self)
    }

    /// - Returns: nil unless `text` is what ``encode(_:)`` writes for some bytes: other characters, padding, a lone last
    ///   character and non-zero trailing bits are refused.
    func decode(_ text: some StringProtocol) -> [UInt8]? {
        var words: [UInt8] = []
        for character in text.utf8 {
            guard let value = values[character] else { return nil }
            words.append(value)
        }
        return BitRegrouper.bytes(of: words, width: width)
    }
}
