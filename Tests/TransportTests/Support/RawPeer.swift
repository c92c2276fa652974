import Keys
import NIOCore
import NIOPosix
import Testing
import Transport
import Wire

/// A TCP client that sends whatever it is told, to see what a node does with it.
struct RawPeer {
    var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

    static func connect<Outcome: Sendable>(
        to address: Multiaddress, _ body: @escaping @Sendable (inout RawPeer) async throws -> Outcome
    ) async throws -> Outcome {
        let host = try #require(address.host)
        let port = try #require(address.tcpPort)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connect(host: host, port: Int(port)) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var peer = RawPeer(inbound: inbound.makeAsyncIterator(), outbound: outbound)
            return try await body(&peer)
        }
    }

    func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

    /// The next bytes; nil when the node closed the connection.
    mutating func receive() async -> [UInt8]? {
        guard let buffer = try? await inbound.next(isolation: #isolation) else { return nil }
        return Array(buffer.readableBytesView)
    }

    /// Reads until the node closes the connection.
    mutating func drain() async {
        while await receive() != nil {}
    }

    /// Runs the handshake as the dialler and gives the channel.
    mutating func upgrade(piece: Int = .max) async throws -> ConnectionUpgrade.Result {
        var machine = ConnectionUpgrade(key: key(7), isInitiator: true)
        var toSend = try machine.start()
        while true {
            while !toSend.isEmpty {
                try await send(Array(toSend.prefix(piece)))
                toSend.removeFirst(min(piece, toSend.count))
            }
            if let result = machine.result { return result }
            guard let bytes = await receive() else { throw TransportError.connectionClosed("during the handshake") }
            toSend = try machine.receive(bytes)
        }
    }
}
