import Keys
import Models
import Testing

@Suite("Text from a stream of bytes")
struct TextStreamTests {
    private func streamed(_ pieces: [[UInt8]]) -> String {
        var stream = TextStream()
        return pieces.map { stream.append($0) }.joined() + stream.finish()
    }

    @Test("a text cut anywhere comes out whole, each character as soon as its last byte is there")
    func everyCut() {
        let text = "aé日😀\u{10ffff}\u{d7ff}z"
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count { #expect(streamed([Array(bytes[..<cut]), Array(bytes[cut...])]) == text) }
        var stream = TextStream()
        var said = ""
        for (index, byte) in bytes.enumerated() {
            said += stream.append([byte])
            let complete = String(validating: bytes[...index], as: UTF8.self)
            if let complete { #expect(said == complete) }
            #expect(!said.contains("\u{fffd}"))
        }
        #expect(said == text && stream.finish().isEmpty)
    }

    @Test("damaged bytes become U+FFFD as in one piece", arguments: 0..<4 as Range<UInt64>)
    func damaged(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let edges: [UInt8] = [
            0x41, 0x7f, 0x80, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xa0, 0xed, 0x9f, 0xf0, 0x90, 0xf4, 0x8f, 0xf5,
        ]
        for _ in 0..<5_000 {
            let bytes = (0..<1 + generator.next(below: 8)).map { _ in edges[Int(generator.next(below: 16))] }
            let pieces = bytes.split(maxSplits: .max, omittingEmptySubsequences: true) { _ in
                generator.next(below: 4) == 0
            }
            let kept = pieces.flatMap(\.self)
            #expect(streamed(pieces.map(Array.init)) == String(decoding: kept, as: UTF8.self), "\(kept)")
        }
        #expect(streamed([[0xe2, 0x82]]) == "\u{fffd}" && streamed([[0x80]]) == "\u{fffd}")
    }
}
