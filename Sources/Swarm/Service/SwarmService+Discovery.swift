internal import Keys
internal import Logging
internal import NIOCore
internal import Synchronization
internal import Wire

extension SwarmService {
    /// Announces this node on the local network and dials the peers heard of. Each interface has its own machine.
    func discover(with configuration: MDNSConfiguration) async {
        let sockets = await MDNSSocket.open(includingLoopback: configuration.usesLoopback, logger: logger)
        if sockets.isEmpty { logger.notice("no multicast interface; peers on the local network will not be found") }
        await withDiscardingTaskGroup { group in
            for socket in sockets {
                let seed = UInt64.random(in: .min ... .max)
                guard let machine = MDNSMachine(peer: peer, configuration: configuration, seed: seed) else {
                    return logger.error("no DNS-SD service", metadata: ["service": "\(configuration.service)"])
                }
                group.addTask { [logger] in
                    do {
                        try await self.discover(over: socket, machine)
                    } catch {
                        logger.info("multicast ended", metadata: ["error": "\(error)"])
                    }
                }
            }
        }
    }

    private func discover(over socket: MDNSSocket, _ first: MDNSMachine) async throws {
        try await socket.channel.executeThenClose { inbound, outbound in
            // A flood of packets displaces packets: whoever was missed announces again.
            let (inputs, inbox) = AsyncStream.makeStream(
                of: (MDNSMachine.Input, SocketAddress?).self, bufferingPolicy: .bufferingNewest(64))
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask {
                    while true {
                        inbox.yield((.addresses(self.announcedAddresses), nil))
                        inbox.yield((.tick, nil))
                        try await ContinuousClock().sleep(for: .seconds(1))
                    }
                }
                group.addTask {
                    for try await packet in inbound {
                        let bytes = Array(packet.data.readableBytesView)
                        let isLegacy = packet.remoteAddress.port != MDNSSocket.port
                        inbox.yield((.received(bytes, isLegacy: isLegacy), packet.remoteAddress))
                    }
                    inbox.finish()
                }
                var machine = first
                for await (input, sender) in inputs {
                    for effect in machine.step(input, at: now) {
                        switch effect {
                        case .send(let bytes):
                            let data = ByteBuffer(bytes: bytes)
                            try? await outbound.write(AddressedEnvelope(remoteAddress: socket.target, data: data))
                        case .reply(let bytes):
                            guard let sender else { continue }
                            let data = ByteBuffer(bytes: bytes)
                            try? await outbound.write(AddressedEnvelope(remoteAddress: sender, data: data))
                        case .found(let peer, let addresses):
                            learn(addresses, of: peer)
                            seek(peer)
                        }
                    }
                }
                group.cancelAll()
            }
        }
    }
}
