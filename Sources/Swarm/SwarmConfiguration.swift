package import Transport
package import Wire

/// What a node does on the network.
package struct SwarmConfiguration: Sendable {
    /// Where to accept connections; port 0 lets the system choose.
    package var listen: [Multiaddress] = []
    /// Peers to stay connected to, tried again and again; `/p2p` at the end is checked when present.
    package var bootstrap: [Multiaddress] = []
    /// Addresses to announce in place of those of the interfaces.
    package var announced: [Multiaddress] = []
    /// Finding peers on the local network; nil leaves multicast alone.
    package var mdns: MDNSConfiguration?
    /// Whether to ask peers for the peers they know, and to tell.
    package var exchangesPeers = true
    /// Connections below which known peers are dialled.
    package var wantedPeers = 8

    /// What identify says of this node, for people.
    package var agentVersion = "banyan"
    /// What identify says of the network. A different version never closes a connection here.
    package var protocolVersion = "banyan/1.0.0"

    package var pingInterval: Duration = .seconds(15)
    /// Time between two looks at whether a bootstrap or wanted peer has to be dialled again.
    package var redialInterval: Duration = .seconds(5)

    package var limits = SwarmLimits()
    package var transportLimits = TransportLimits()

    package init() {}
}
