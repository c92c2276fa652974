internal import Keys
internal import Wire

extension GGUFMetadata {
    /// The digest of the pairs whose keys are wanted, in ascending order of the keys' bytes. Integers of all widths count as one
    /// type, and so do floats: a file that was written anew keeps its digest.
    func digest(where isWanted: (String) -> Bool) -> Digest {
        var writer = ByteWriter(capacity: 4096)
        for (key, value) in values.filter({ isWanted($0.key) })
            .sorted(by: { ModelIdentity.precedes($0.key, $1.key) })
        {
            writer.write(key)
            writer.write(value: value)
        }
        return Digest(of: writer.bytes, domain: "model metadata")
    }
}

extension ByteWriter {
    fileprivate mutating func write(value: GGUFValue) {
        func count(_ tag: UInt8, _ count: Int) {
            write(tag)
            writeVarint(UInt64(count))
        }
        switch value {
        case .integer(let number):
            write(UInt8(0))
            write(Int64(number))
        case .real(let number):
            write(UInt8(1))
            write(real: number)
        case .flag(let flag):
            write(UInt8(2))
            write(flag)
        case .text(let bytes):
            write(UInt8(3))
            writePrefixed(bytes)
        case .integers(let numbers):
            count(4, numbers.count)
            for number in numbers { write(Int64(number)) }
        case .reals(let numbers):
            count(5, numbers.count)
            for number in numbers { write(real: number) }
        case .flags(let flags):
            count(6, flags.count)
            for flag in flags { write(flag) }
        case .texts(let strings):
            count(7, strings.count)
            for string in strings {
                writeVarint(UInt64(string.count))
                writeRaw(string)
            }
        }
    }

    /// Every NaN as one.
    private mutating func write(real: Double) { write(real.isNaN ? 0x7ff8 << 48 : real.bitPattern) }
}
