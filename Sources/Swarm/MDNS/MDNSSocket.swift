internal import Glibc
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Wire

/// Multicast sockets of UDP port 5353, one an IPv4 interface.
struct MDNSSocket: Sendable {
    typealias Envelope = AddressedEnvelope<ByteBuffer>
    static let port = 5353
    static let group = "224.0.0.251"

    let channel: NIOAsyncChannel<Envelope, Envelope>
    let target: SocketAddress

    /// Binds on every interface that can multicast; those that cannot be bound are left out.
    static func open(includingLoopback: Bool, logger: Logger) async -> [MDNSSocket] {
        let devices = (try? System.enumerateDevices()) ?? []
        var sockets: [MDNSSocket] = []
        for device in devices.prefix(64) {
            guard device.multicastSupported || includingLoopback, let text = device.address?.ipAddress,
                let host = IPAddress.parse4(text), includingLoopback || host[0] != 127
            else { continue }
            do {
                sockets.append(try await open(on: device, host))
            } catch {
                logger.info("no multicast on an interface", metadata: ["interface": "\(text)", "error": "\(error)"])
            }
        }
        return sockets
    }

    private static func open(on device: NIONetworkDevice, _ host: [UInt8]) async throws -> MDNSSocket {
        let target = try SocketAddress(ipAddress: group, port: port)
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.socketOption(.so_reuseaddr), value: 1)
            .channelOption(.socketOption(NIOBSDSocket.Option(rawValue: SO_REUSEPORT)), value: 1)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 9000))
            .bind(host: "0.0.0.0", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<Envelope, Envelope>(wrappingChannelSynchronously: channel)
                }
            }
        guard let multicast = channel.channel as? any MulticastChannel else { throw ChannelError.operationUnsupported }
        let order = host.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        try await multicast.joinGroup(target, device: device).get()
        // NIO hands over eight bytes, of which Linux takes the last four for the interface: ip(7), struct ip_mreq.
        let interface = ChannelOptions.Types.SocketOption(level: .ip, name: .ip_multicast_if)
        try await channel.channel.setOption(interface, value: Int(bitPattern: UInt(order.bigEndian) << 32)).get()
        return MDNSSocket(channel: channel, target: target)
    }
}
