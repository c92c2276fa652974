import Testing
import Wire

@Suite("Canonical bytes")
struct ByteReaderTests {
    @Test("integers are big-endian and of fixed width")
    func integers() throws {
        var writer = ByteWriter()
        writer.write(UInt8(0x01))
        writer.write(UInt16(0x0203))
        writer.write(UInt32(0x0405_0607))
        writer.write(UInt64(0x0809_0a0b_0c0d_0e0f))
        writer.write(Int64(-2))
        #expect(Hex.encode(writer.bytes) == "0102030405060708090a0b0c0d0e0f" + "fffffffffffffffe")
        var reader = ByteReader(writer.bytes)
        #expect(try reader.readUInt8() == 1)
        #expect(try reader.readUInt16() == 0x0203)
        #expect(try reader.readUInt32() == 0x0405_0607)
        #expect(try reader.readUInt64() == 0x0809_0a0b_0c0d_0e0f)
        #expect(try reader.readInt64() == -2)
        try reader.finish()
        #expect(throws: WireError.truncated(needed: 1, available: 0)) { try reader.readUInt8() }
        #expect(throws: WireError.truncated(needed: 8, available: 0)) { try reader.readUInt64() }
    }

    @Test("varints read back, at every length and at every edge")
    func varints() throws {
        var values: [UInt64] = [0, 1, 127, 128, 255, 16383, 16384, .max - 1, .max]
        for shift in 0..<64 as Range<UInt64> { values += [1 << shift, (1 << shift) &- 1, (1 << shift) &+ 1] }
        for value in values {
            var writer = ByteWriter()
            writer.writeVarint(value)
            var reader = ByteReader(writer.bytes)
            #expect(try reader.readVarint() == value)
            try reader.finish()
        }
        #expect(Hex.encode(varint(300)) == "ac02")
    }

    @Test(
        "a varint that is longer than needed or above 64 bits is refused",
        arguments: [
            "8000", "808000", "ff00", "80808080808080808000", "ffffffffffffffffff02", "ffffffffffffffffff81",
            "ffffffffffffffffffff01", "80808080808080808080",
        ])
    func longVarint(text: String) throws {
        var reader = ByteReader(try hex(text))
        #expect(throws: WireError.malformedVarint) { try reader.readVarint() }
    }

    @Test("of all strings of up to two bytes, exactly the shortest forms are varints")
    func everyShortVarint() {
        for length in 1...2 {
            for number in 0..<1 << (8 * length) {
                let bytes = (0..<length).map { UInt8(number >> (8 * $0) & 0xff) }
                var reader = ByteReader(bytes)
                guard let value = try? reader.readVarint() else { continue }
                if varint(value) != Array(bytes[..<reader.offset]) { Issue.record("\(bytes) reads as \(value)") }
            }
        }
    }

    @Test("a length above its limit is refused before anything is read")
    func limits() {
        var huge = ByteReader(varint(.max))
        #expect(throws: WireError.tooLong(length: .max, limit: 16)) { try huge.readPrefixed(limit: 16) }
        var long = ByteReader(varint(17) + [UInt8](repeating: 0, count: 17))
        #expect(throws: WireError.tooLong(length: 17, limit: 16)) { try long.readPrefixed(limit: 16) }
        var missing = ByteReader(varint(16) + [0])
        #expect(throws: WireError.truncated(needed: 16, available: 1)) { try missing.readPrefixed(limit: 16) }
        var list = ByteReader(varint(3) + [UInt8](repeating: 0, count: 24))
        #expect(throws: WireError.tooLong(length: 3, limit: 2)) { try list.readList(UInt64.self, limit: 2) }
        var negative = ByteReader([1, 2])
        #expect(throws: WireError.truncated(needed: -1, available: 2)) { try negative.readRaw(-1) }
    }

    @Test("a boolean and an optional have two tags")
    func tags() throws {
        for byte in UInt8.min...UInt8.max {
            var reader = ByteReader([byte, 0, 0, 0, 0, 0, 0, 0, 9])
            switch byte {
            case 0: #expect(try reader.readOptional(UInt64.self) == nil)
            case 1: #expect(try reader.readOptional(UInt64.self) == 9)
            default: #expect(throws: WireError.unknownTag(UInt64(byte), of: "Bool")) { try reader.readBool() }
            }
        }
    }

    @Test("text must be UTF-8")
    func text() throws {
        for text in ["", "fig", "ficus — 榕樹 🌳"] {
            var writer = ByteWriter()
            writer.write(text)
            var reader = ByteReader(writer.bytes)
            #expect(try reader.readString(limit: 64) == text)
        }
        for bytes in [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80]] as [[UInt8]] {
            var reader = ByteReader([UInt8(bytes.count)] + bytes)
            #expect(throws: WireError.self) { try reader.readString(limit: 64) }
        }
    }

    private func varint(_ value: UInt64) -> [UInt8] {
        var writer = ByteWriter()
        writer.writeVarint(value)
        return writer.bytes
    }
}
