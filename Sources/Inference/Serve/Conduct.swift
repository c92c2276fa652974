package import Proofs
package import Transport

/// What a provider lets others see of its work. Auditors and clients get the same from ``HonestConduct``; a provider that shows
/// something else is only there for demonstrations and tests, see ``CheatingConduct``.
package protocol Conduct: Sendable {
    /// The answer as it is kept and as the client gets it.
    func conclude(_ exchange: Exchange) async throws -> Exchange
    /// The answer as an auditor gets it.
    /// - Throws: when the auditor gets nothing.
    func show(_ exchange: Exchange) async throws -> Exchange
    /// The stream over which a client is answered.
    func stream(_ stream: any MuxedStream) -> any MuxedStream
}

extension Conduct {
    package func stream(_ stream: any MuxedStream) -> any MuxedStream { stream }
}

/// Shows what there is.
package struct HonestConduct: Conduct {
    package init() {}
    package func conclude(_ exchange: Exchange) -> Exchange { exchange }
    package func show(_ exchange: Exchange) -> Exchange { exchange }
}
