package import Wire

/// Which addresses of one peer are tried while it is dialled, in which order, and why those that failed did. Knows no clock and no network.
///
/// Whoever wants the peer adds what it knows; each address is tried once.
package struct DialPlan: Sendable {
    package struct Failure: Sendable {
        package let address: Multiaddress
        package let error: any Error
    }

    /// In the order in which they will be tried.
    private var waiting: [Multiaddress] = []
    private var named: Set<Multiaddress> = []
    /// In the order in which they were tried.
    package private(set) var failures: [Failure] = []

    package init() {}

    /// Adds addresses where the peer may be, behind all others.
    package mutating func add(_ addresses: some Sequence<Multiaddress>) {
        for address in addresses where named.insert(address).inserted { waiting.append(address) }
    }

    /// Adds an address that somebody asks for by name: it is tried next, unless it has been.
    package mutating func prefer(_ address: Multiaddress) {
        if !named.insert(address).inserted {
            guard let index = waiting.firstIndex(of: address) else { return }
            waiting.remove(at: index)
        }
        waiting.insert(address, at: 0)
    }

    /// Takes the address to try now; nil when there is none left.
    package mutating func next() -> Multiaddress? { waiting.isEmpty ? nil : waiting.removeFirst() }

    package mutating func failed(_ address: Multiaddress, _ error: any Error) {
        failures.append(Failure(address: address, error: error))
    }
}
