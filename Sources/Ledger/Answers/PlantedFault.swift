package import Keys
package import Wire

/// The word of a client that it had an answer made wrong on purpose, to see whether a committee finds out.
///
/// Errors that are forced give checkers that only ever see right answers a reason to check (Teutsch and Reitwießner, "A scalable verification
/// solution for blockchains", arXiv:1908.04756). That the fault was planted is fixed by the nonce of the request, long before anybody looks; a provider that
/// errs by itself has no salt for a nonce that its client has drawn.
package struct PlantedFault: Hashable, Sendable, Canonical {
    /// A prompt of tens of thousands of tokens.
    package static let byteLimit = 256 << 10

    package var answer: AnswerID
    /// The request that the answer is to, for the referee.
    package var request: [UInt8]
    package var salt: Digest

    package init(answer: AnswerID, request: [UInt8], salt: Digest) {
        self.answer = answer
        self.request = request
        self.salt = salt
    }

    /// The nonce of a request whose answer is to be wrong. The client is part of it: nobody else can use the salt.
    package static func nonce(of client: AccountID, salt: Digest) -> Digest {
        var writer = ByteWriter(capacity: 64)
        writer.write(client)
        writer.write(salt)
        return Digest(of: writer.bytes, domain: "planted fault")
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(answer)
        writer.writePrefixed(request)
        writer.write(salt)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> PlantedFault {
        PlantedFault(
            answer: try reader.read(), request: try reader.readPrefixed(limit: byteLimit), salt: try reader.read())
    }
}
