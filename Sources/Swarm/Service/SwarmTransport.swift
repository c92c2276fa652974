package import Transport
package import Wire

/// What the swarm needs of a transport.
package protocol SwarmTransport: AnyObject, Sendable {
    /// - Returns: the bound addresses, with the port that was chosen.
    func listen(on address: Multiaddress) async throws -> [Multiaddress]
    /// Checks the peer at the end of the address when there is one.
    func dial(_ address: Multiaddress, deadline: Duration) async throws -> any Connection
    /// Serves connections until ``shutdown()``.
    func run() async throws
    func shutdown() async
}

extension TCPTransport: SwarmTransport {}
extension MemoryTransport: SwarmTransport {}
