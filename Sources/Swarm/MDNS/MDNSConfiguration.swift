/// How peers are looked for on the local network.
package struct MDNSConfiguration: Sendable, Hashable {
    /// The DNS-SD service; a private network has its own name, so that strangers are not met.
    package var service = "_p2p._udp.local"
    /// Between two queries, and between two announcements nobody asked for.
    package var interval: Duration = .seconds(300)
    /// How long an announcement holds, in seconds.
    package var lifetime: UInt32 = 360
    /// Whether to announce, and to take, loopback addresses: for tests on one machine.
    package var usesLoopback = false

    package init() {}
}
