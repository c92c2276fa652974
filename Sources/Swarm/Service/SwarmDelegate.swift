internal import Transport

/// Passes the transport's questions to the swarm without keeping it alive.
final class SwarmDelegate: ConnectionDelegate {
    private weak let swarm: SwarmService?

    init(_ swarm: SwarmService) { self.swarm = swarm }

    func protocols() -> [String] { swarm?.protocols ?? [] }

    func accepted(_ connection: any Connection) async -> Bool { swarm?.accept(connection) ?? false }

    func incoming(_ stream: any MuxedStream, on connection: any Connection) async {
        guard let swarm else { return stream.reset() }
        await swarm.serve(stream, on: connection)
    }
}
