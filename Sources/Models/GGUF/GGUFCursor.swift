/// Reads the little-endian values of a GGUF header front to back. Nothing is read or allocated before its length is checked.
@safe struct GGUFCursor {
    private let bytes: UnsafeRawBufferPointer
    private let path: String
    private(set) var offset = 0
    /// Elements of arrays that may still be read: 2^24 in a whole file; the largest vocabularies have 2^18 tokens.
    private var elementsLeft = 1 << 24

    /// - Parameter bytes: must outlive the cursor.
    init(_ bytes: UnsafeRawBufferPointer, path: String) {
        unsafe self.bytes = unsafe bytes
        self.path = path
    }

    var remaining: Int { unsafe bytes.count - offset }

    func failure(_ reason: String) -> ModelError { .gguf(path: path, reason: reason) }

    mutating func number<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) throws(ModelError) -> Value {
        let width = MemoryLayout<Value>.size
        guard remaining >= width else { throw failure("ends inside its header, after \(offset + remaining) bytes") }
        defer { offset += width }
        return unsafe Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    /// A count or an offset, at most `limit`.
    mutating func count(of what: String, limit: Int) throws(ModelError) -> Int {
        let value = try number(UInt64.self)
        guard value <= UInt64(limit) else { throw failure("\(value) \(what), at most \(limit) were expected") }
        return Int(value)
    }

    mutating func string(_ what: String, limit: Int) throws(ModelError) -> UnsafeRawBufferPointer {
        let length = try count(of: "bytes in \(what)", limit: limit)
        guard length <= remaining else {
            throw failure("\(what) at \(offset) should have \(length) bytes, \(remaining) are left")
        }
        defer { offset += length }
        return unsafe UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])
    }

    /// A string of valid UTF-8.
    mutating func text(_ what: String, limit: Int) throws(ModelError) -> String {
        let start = offset
        guard let text = unsafe String(validating: try string(what, limit: limit), as: UTF8.self) else {
            throw failure("\(what) at \(start) is not UTF-8")
        }
        return text
    }

    /// A string of metadata: 16 MiB is a hundred times the longest chat template.
    private static let stringLimit = 16 << 20

    /// The value of `key`, with its type before it.
    mutating func value(_ key: String) throws(ModelError) -> GGUFValue {
        let type = try number(UInt32.self)
        switch type {
        case 0...5, 10, 11: return .integer(try integer(type, key))
        case 6, 12: return .real(try real(type))
        case 7: return .flag(try flag(key))
        case 8: return .text(unsafe Array(try string("'\(key)'", limit: Self.stringLimit)))
        case 9: return try array(key)
        default: throw failure("'\(key)' has the unknown value type \(type)")
        }
    }

    private mutating func array(_ key: String) throws(ModelError) -> GGUFValue {
        let type = try number(UInt32.self)
        let count = try count(of: "elements in '\(key)'", limit: elementsLeft)
        elementsLeft -= count
        let width =
            switch type {
            case 0, 1, 7: 1
            case 2, 3: 2
            case 4, 5, 6: 4
            case 8, 10, 11, 12: 8  // A string has at least its length.
            case 9: throw failure("'\(key)' is an array of arrays, which no model needs")
            default: throw failure("'\(key)' is an array of the unknown type \(type)")
            }
        guard count <= remaining / width else {
            throw failure("'\(key)' should have \(count) elements, the \(remaining) bytes left cannot hold them")
        }
        switch type {
        case 6, 12: return .reals(try elements(count) { cursor throws(ModelError) in try cursor.real(type) })
        case 7: return .flags(try elements(count) { cursor throws(ModelError) in try cursor.flag(key) })
        case 8:
            var strings = GGUFStrings()
            for _ in 0..<count { unsafe strings.append(try string("'\(key)'", limit: Self.stringLimit)) }
            return .texts(strings)
        default: return .integers(try elements(count) { cursor throws(ModelError) in try cursor.integer(type, key) })
        }
    }

    private mutating func elements<Value>(
        _ count: Int, _ next: (inout GGUFCursor) throws(ModelError) -> Value
    ) throws(ModelError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try next(&self)) }
        return values
    }

    private mutating func integer(_ type: UInt32, _ key: String) throws(ModelError) -> Int {
        switch type {
        case 0: return Int(try number(UInt8.self))
        case 1: return Int(try number(Int8.self))
        case 2: return Int(try number(UInt16.self))
        case 3: return Int(try number(Int16.self))
        case 4: return Int(try number(UInt32.self))
        case 5: return Int(try number(Int32.self))
        case 11: return Int(try number(Int64.self))
        default: return try count(of: "is the value of '\(key)'", limit: .max)
        }
    }

    private mutating func real(_ type: UInt32) throws(ModelError) -> Double {
        type == 6 ? Double(Float(bitPattern: try number())) : Double(bitPattern: try number())
    }

    private mutating func flag(_ key: String) throws(ModelError) -> Bool {
        switch try number(UInt8.self) {
        case 0: return false
        case 1: return true
        case let other: throw failure("'\(key)' is a bool of \(other), neither 0 nor 1")
        }
    }
}
