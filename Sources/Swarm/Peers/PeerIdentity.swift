package import Wire

/// What a peer says of itself, checked as far as it can be.
package struct PeerIdentity: Sendable, Hashable {
    package var protocols: [String] = []
    package var listenAddresses: [Multiaddress] = []
    package var agent: String?
    package var protocolVersion: String?
    /// The peer's own signed list of addresses, kept so that it can be passed on.
    package var record: SignedPeerRecord?

    package init() {}
}
