package import Wire

/// What a client wants to be able to check about an answer.
package enum VerificationMode: UInt8, CaseIterable, Hashable, Sendable, Canonical {
    /// Nothing but signatures.
    case none = 0
    /// The receipt commits to every state of every position; audits and full checks open or recompute them.
    case merkle = 1
    /// As `merkle`; the answer is taken as right unless somebody wins a dispute within the window.
    case fraud = 2
    /// A proof that shows neither weights nor states.
    case zk = 3

    package func encode(into writer: inout ByteWriter) { writer.write(rawValue) }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> VerificationMode {
        let tag = try reader.readUInt8()
        guard let value = VerificationMode(rawValue: tag) else {
            throw .unknownTag(UInt64(tag), of: "VerificationMode")
        }
        return value
    }
}
