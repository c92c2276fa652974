import Testing
import Wire

@Suite("Protobuf")
struct ProtobufTests {
    @Test("each field form has the bytes of the specification")
    func forms() throws {
        var writer = ProtobufWriter()
        writer.write(1, varint: 150)
        writer.write(2, string: "testing")
        writer.write(3, message: { $0.write(1, varint: 150) })
        writer.write(4, bool: true)
        writer.write(5, fixed32: 0x0102_0304)
        writer.write(6, fixed64: 0x0102_0304_0506_0708)
        writer.write(16, bytes: [])
        #expect(
            Hex.encode(writer.bytes)
                == "089601" + "120774657374696e67" + "1a03089601" + "2001" + "2d04030201" + "310807060504030201"
                + "820100")
        var reader = ProtobufReader(writer.bytes)
        #expect(try reader.next()?.varint() == 150)
        #expect(try reader.next()?.string(limit: 7) == "testing")
        var inner = try #require(try reader.next()?.message(limit: 8))
        #expect(try inner.next()?.varint() == 150)
        #expect(try inner.next() == nil)
        #expect(try reader.next()?.bool() == true)
        #expect(try reader.next()?.value == .fixed32(0x0102_0304))
        #expect(try reader.next()?.value == .fixed64(0x0102_0304_0506_0708))
        let last = try #require(try reader.next())
        #expect(try last.number == 16 && last.bytes(limit: 0).isEmpty)
        #expect(try reader.next() == nil)
    }

    @Test("a negative number has ten bytes, and a long varint is read as protobuf reads it")
    func looseVarints() throws {
        var negative = ProtobufReader([0x08] + [UInt8](repeating: 0xff, count: 9) + [0x01])
        #expect(try negative.next()?.varint() == .max)
        var padded = ProtobufReader(try hex("08968100"))
        #expect(try padded.next()?.varint() == 150)
        var endless = ProtobufReader([0x08] + [UInt8](repeating: 0x80, count: 11))
        #expect(throws: WireError.malformedVarint) { try endless.next() }
    }

    @Test("groups are skipped when they are closed, and refused when not")
    func groups() throws {
        // Group 1 with a varint and group 2 inside; then field 3.
        var reader = ProtobufReader(try hex("0b" + "1001" + "13" + "14" + "0c" + "1807"))
        let field = try #require(try reader.next())
        #expect(try field.number == 3 && field.varint() == 7)
        for wrong in ["0b", "0c", "0b14", "0b1001", "0b0d01"] {
            var reader = ProtobufReader(try hex(wrong))
            #expect(throws: WireError.self, "\(wrong)") { try reader.next() }
        }
        var deep = ProtobufReader([UInt8](repeating: 0x0b, count: 1000))
        #expect(throws: WireError.self) { try deep.next() }
    }

    @Test("limits, wrong forms and bad tags are refused")
    func refused() throws {
        func first(_ text: String) throws -> ProtobufReader.Field {
            var reader = ProtobufReader(try hex(text))
            return try #require(try reader.next())
        }
        #expect(throws: WireError.tooLong(length: 2, limit: 1)) { try first("0a020102").bytes(limit: 1) }
        #expect(throws: WireError.self) { try first("0a01ff").string(limit: 9) }
        #expect(throws: WireError.self) { try first("0801").bytes(limit: 9) }
        #expect(throws: WireError.self) { try first("0a00").varint() }
        #expect(throws: WireError.self) { try first("0a0000").message(limit: 9).nextOrThrow() }
        for wrong in ["0001", "0e", "0f", "0a05", "0affffffffffffffffff01", "09", "0d", "08", "8080808080101a"] {
            var reader = ProtobufReader(try hex(wrong))
            #expect(throws: WireError.self, "\(wrong)") { try reader.next() }
        }
        var many = ProtobufReader((0..<9).flatMap { _ in [0x08, 0x01] as [UInt8] }, fieldLimit: 8)
        for _ in 0..<8 { _ = try many.next() }
        #expect(throws: WireError.invalid("too many fields in one message")) { try many.next() }
    }

    @Test("random fields end without a crash", arguments: 0..<100 as Range<UInt64>)
    func fuzz(seed: UInt64) {
        var generator = TestGenerator(seed: seed)
        for _ in 0..<200 {
            var reader = ProtobufReader(generator.bytes(Int(generator.next() % 40)), fieldLimit: 8)
            var fields = 0
            while let _ = try? reader.next() { fields += 1 }
            #expect(fields <= 8)
        }
    }
}

extension ProtobufReader {
    /// The next field of a message that is expected to have none.
    fileprivate func nextOrThrow() throws {
        var copy = self
        if try copy.next() == nil { throw WireError.trailing(count: 0) }
    }
}
