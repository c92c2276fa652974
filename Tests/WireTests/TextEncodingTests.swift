import Testing
import Wire

@Suite("Text encodings")
struct TextEncodingTests {
    @Test("hexadecimal reads both cases and writes the lower one")
    func hexadecimal() {
        #expect(Hex.encode([0x00, 0x9f, 0xff]) == "009fff")
        #expect(Hex.decode("009FfF") == [0x00, 0x9f, 0xff])
        for wrong in ["0", "0g", "é", "0x", " 00"] { #expect(Hex.decode(wrong) == nil) }
    }

    @Test(
        "base58 agrees with known pairs",
        arguments: [
            ("", ""), ("00", "1"), ("0000", "11"), ("61", "2g"), ("626262", "a3gV"), ("636363", "aPEr"),
            ("73696d706c792061206c6f6e6720737472696e67", "2cFupjhnEsSn59qHXstmK2ffpLv2"),
            ("00eb15231dfceb60925886b67d065299925915aeb172c06647", "1NS17iag9jJgTHD1VXjvLCEnZuQ3rJDE9L"),
            ("516b6fcd0f", "ABnLTmg"), ("572e4794", "3EFU7m"), ("10c8511e", "Rt5zm"),
            ("00000000000000000000", "1111111111"),
        ])
    func base58(bytes: String, text: String) throws {
        #expect(Base58.encode(try hex(bytes)) == text)
        #expect(Base58.decode(text) == (try hex(bytes)))
    }

    @Test("base58 refuses characters outside its alphabet and text above the limit")
    func base58Refused() {
        for wrong in ["0", "O", "I", "l", "a b", "é", "2g\0"] { #expect(Base58.decode(wrong) == nil) }
        #expect(Base58.decode(String(repeating: "2", count: 257)) == nil)
        #expect(Base58.decode(String(repeating: "1", count: 256)) == [UInt8](repeating: 0, count: 256))
    }

    @Test("base32 agrees with RFC 4648 in lower case")
    func base32() throws {
        let pairs = [
            ("", ""), ("f", "my"), ("fo", "mzxq"), ("foo", "mzxw6"), ("foob", "mzxw6yq"), ("fooba", "mzxw6ytb"),
            ("foobar", "mzxw6ytboi"),
        ]
        for (plain, text) in pairs {
            #expect(Base32.encode(Array(plain.utf8)) == text)
            #expect(Base32.decode(text) == Array(plain.utf8))
        }
        // Upper case, padding, a lone character, set trailing bits, digits outside.
        for wrong in ["MY", "my======", "m", "mz", "mzx", "m1", "my "] { #expect(Base32.decode(wrong) == nil) }
    }

    @Test("base64url agrees with RFC 4648 without padding")
    func base64URL() {
        let pairs = [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("foobar", "Zm9vYmFy")]
        for (plain, text) in pairs {
            #expect(Base64URL.encode(Array(plain.utf8)) == text)
            #expect(Base64URL.decode(text) == Array(plain.utf8))
        }
        #expect(Base64URL.encode([0xfb, 0xff]) == "-_8")
        for wrong in ["Zg==", "Zh", "Z", "+_8", "-/8"] { #expect(Base64URL.decode(wrong) == nil) }
    }

    @Test("every encoding reads back what it writes, and writes what it reads", arguments: 0..<64 as Range<UInt64>)
    func roundTrips(seed: UInt64) {
        var generator = TestGenerator(seed: seed)
        let bytes = generator.bytes(Int(seed))
        #expect(Base58.decode(Base58.encode(bytes)) == bytes)
        #expect(Base32.decode(Base32.encode(bytes)) == bytes)
        #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        #expect(Hex.decode(Hex.encode(bytes)) == bytes)
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
        let text = String((0..<Int(seed)).map { _ in alphabet[Int(generator.next() % 32)] })
        if let decoded = Base32.decode(text) { #expect(Base32.encode(decoded) == text) }
    }

    @Test(
        "bech32m accepts the valid texts of BIP-350",
        arguments: [
            "A1LQFN3A", "a1lqfn3a",
            "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
            "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
            "11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8",
            "split1checkupstagehandshakeupstreamerranterredcaperredlc445v", "?1v759aa",
        ])
    func bech32mValid(text: String) throws {
        let (prefix, words) = try #require(Bech32m.decodeWords(text))
        #expect(Bech32m.encode(prefix: prefix, words: words) == text.lowercased())
    }

    @Test(
        "bech32m refuses the invalid texts of BIP-350",
        arguments: [
            "\u{20}1xj0phk", "\u{7f}1g6xzxy", "\u{80}1vctc34",
            "an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts4",
            "qyrz8wqd2c9m", "1qyrz8wqd2c9m", "y1b0jsk6g", "lt1igcx5c0", "in1muywd", "mm1crxm3i", "au1s5cgom",
            "M1VUXWEZ",
            "16plkw9", "1p2gdwpf", "a1LQFN3A",
        ])
    func bech32mInvalid(text: String) { #expect(Bech32m.decodeWords(text) == nil) }

    @Test("bech32m finds every single wrong character")
    func bech32mOneWrong() throws {
        let bytes = (0..<32).map { UInt8($0) }
        let text = Array(Bech32m.encode(prefix: "ban", bytes))
        #expect(try #require(Bech32m.decode(String(text))) == ("ban", bytes))
        for index in text.indices {
            for other in "qpzry9x8gf2tvdw0s3jn54khce6mua7l" where other != text[index] {
                var changed = text
                changed[index] = other
                if let (prefix, decoded) = Bech32m.decode(String(changed)), prefix == "ban" {
                    Issue.record("\(String(changed)) is \(decoded)")
                }
            }
        }
    }
}
