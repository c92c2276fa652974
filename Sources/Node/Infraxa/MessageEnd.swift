/// Finds where a JSON object ends in bytes that come piece by piece, without reading what is in it. Each byte is looked at once.
package struct MessageEnd: Sendable {
    private var depth = 0
    private var isText = false
    private var isEscaped = false

    package init() {}

    /// - Returns: whether the object is whole with these bytes; nil when this is no object.
    package mutating func isReached(by bytes: [UInt8]) -> Bool? {
        for byte in bytes {
            switch byte {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isText: isEscaped = true
            case UInt8(ascii: "\""): isText.toggle()
            case _ where isText: break
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth <= 0 { return depth == 0 ? true : nil }
            case 0x20, 0x09, 0x0A, 0x0D: break
            default: if depth == 0 { return nil }
            }
        }
        return false
    }
}
