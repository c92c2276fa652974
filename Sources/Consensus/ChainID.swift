package import Wire

/// The name of one network. It is part of all signed bytes, so that a vote for one chain never verifies on another.
package struct ChainID: Hashable, Sendable, Canonical, CustomStringConvertible {
    /// 50 bytes of UTF-8: enough for a name and a date, and one length byte in the signed bytes.
    package static let byteLimit = 50

    package let name: String

    /// - Returns: nil when `name` is empty or longer than ``byteLimit`` bytes of UTF-8.
    package init?(_ name: String) {
        guard !name.isEmpty, name.utf8.count <= ChainID.byteLimit else { return nil }
        self.name = name
    }

    package var description: String { name }

    // Names compare by their bytes: two spellings that only look alike are two chains.
    package static func == (left: ChainID, right: ChainID) -> Bool { left.name.utf8.elementsEqual(right.name.utf8) }
    package func hash(into hasher: inout Hasher) { for byte in name.utf8 { hasher.combine(byte) } }

    package func encode(into writer: inout ByteWriter) { writer.write(name) }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> ChainID {
        guard let chain = ChainID(try reader.readString(limit: byteLimit)) else {
            throw .invalid("a chain needs a name")
        }
        return chain
    }
}
