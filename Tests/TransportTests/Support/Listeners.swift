import NIOCore
import NIOPosix
import Testing
import Transport
import Wire

typealias Bytes = NIOAsyncChannel<ByteBuffer, ByteBuffer>

/// A port on this machine whose connections are given to `serve`, one after the other, while `body` runs.
func withListener(
    _ serve: @escaping @Sendable (Bytes) async throws -> Void,
    _ body: @escaping @Sendable (Multiaddress) async throws -> Void
) async throws {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .bind(host: "127.0.0.1", port: 0) { channel in
            channel.eventLoop.makeCompletedFuture { try Bytes(wrappingChannelSynchronously: channel) }
        }
    let port = UInt16(try #require(server.channel.localAddress?.port))
    let address = try Multiaddress([#require(.ip([127, 0, 0, 1])), .tcp(port)])
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            try await server.executeThenClose { connections in
                for try await connection in connections { try await serve(connection) }
            }
        }
        group.addTask { try await body(address) }
        defer { group.cancelAll() }
        try await group.next()
    }
}

/// A port that leads to `target`. What the listener says behind its first `held` bytes waits until `latch` is open; `heard` gets all that
/// the dialler has said whenever there is more.
func withRelay(
    to target: Multiaddress, holding held: Int, until latch: Latch,
    heard: @escaping @Sendable ([UInt8]) -> Void = { _ in },
    _ body: @escaping @Sendable (Multiaddress) async throws -> Void
) async throws {
    let host = try #require(target.host)
    let port = Int(try #require(target.tcpPort))
    try await withListener(
        { near in
            let far = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: host, port: port) { channel in
                    channel.eventLoop.makeCompletedFuture { try Bytes(wrappingChannelSynchronously: channel) }
                }
            try await near.executeThenClose { fromDialler, toDialler in
                try await far.executeThenClose { fromListener, toListener in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask {
                            var said: [UInt8] = []
                            for try await buffer in fromDialler {
                                said += buffer.readableBytesView
                                heard(said)
                                try await toListener.write(buffer)
                            }
                            toListener.finish()
                        }
                        group.addTask {
                            var left = held
                            for try await var buffer in fromListener {
                                let first = min(left, buffer.readableBytes)
                                left -= first
                                if first > 0, let part = buffer.readSlice(length: first) {
                                    try await toDialler.write(part)
                                }
                                guard buffer.readableBytes > 0 else { continue }
                                await latch.wait()
                                try await toDialler.write(buffer)
                            }
                            toDialler.finish()
                        }
                        try await group.waitForAll()
                    }
                }
            }
        },
        { address in
            defer { latch.open() }  // Also when the test fails: nothing may wait for ever.
            try await body(address)
        })
}
