package import Keys
package import Wire

/// A request that its client stands by: the prompt cannot be edited on its way, nor the price.
package struct SignedRequest: Canonical, Hashable {
    package let request: InferenceRequest
    /// The client's account key, or a node key that the account has certified.
    package let key: PublicKey
    /// By `key`, over the digest of the request.
    package let signature: Signature

    package init(request: InferenceRequest, key: PublicKey, signature: Signature) {
        self.request = request
        self.key = key
        self.signature = signature
    }

    package init(_ request: InferenceRequest, by key: SigningKey) {
        self.request = request
        self.key = key.publicKey
        signature = key.sign(request.id.bytes, for: Self.purpose)
    }

    /// Whether `key` signed the request. Whether the key speaks for the client's account is for the caller to know, unless it is
    /// the account key.
    package var isSigned: Bool { key.verifies(signature, of: request.id.bytes, for: Self.purpose) }

    private static let purpose: Purpose = "inference request"

    package func encode(into writer: inout ByteWriter) {
        writer.write(request)
        writer.write(key)
        writer.write(signature)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> SignedRequest {
        SignedRequest(request: try reader.read(), key: try reader.read(), signature: try reader.read())
    }
}
