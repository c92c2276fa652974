import Keys
import Testing
import Transport
import Wire

@Suite("TCP transport")
struct TCPTransportTests {
    @Test("what is written to an echo comes back, in order, and both sides know each other's identity")
    func echo() async throws {
        try await withTCPPair { near, _, address in
            let connection = try await near.dial(address, deadline: .seconds(10))
            #expect(connection.remotePeer == PeerID(key(2).publicKey))
            #expect(connection.isOutbound)
            #expect(connection.remoteAddress == address.withoutPeer)
            let stream = try await connection.open(["/echo/1.0.0"], deadline: .seconds(10))
            #expect(stream.protocolID == "/echo/1.0.0")
            try await stream.write(Array("hello".utf8))
            #expect(try await stream.read(exactly: 5) == Array("hello".utf8))
            try await stream.closeWrite()
            #expect(try await stream.read() == [])
            #expect(connection.bytesReceived > 300)
            #expect(connection.bytesSent > 300)
        }
    }

    @Test("64 MiB come back unchanged through 32 parallel streams of one connection")
    func parallel() async throws {
        try await withTCPPair { near, _, address in
            let connection = try await near.dial(address, deadline: .seconds(10))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for seed in 0..<UInt64(32) {
                    group.addTask {
                        var generator = SeededGenerator(seed: seed)
                        let block = (0..<(256 << 10)).map { _ in UInt8.random(in: 0...255, using: &generator) }
                        let stream = try await connection.open(["/echo/1.0.0"], deadline: .seconds(60))
                        try await withThrowingTaskGroup(of: Void.self) { both in
                            both.addTask {
                                for _ in 0..<8 { try await stream.write(block) }
                                try await stream.closeWrite()
                            }
                            let all = try await stream.readAll()
                            #expect(all.count == 8 * block.count)
                            for index in 0..<8 {
                                #expect(all[index * block.count..<(index + 1) * block.count] == block[...])
                            }
                            try await both.waitForAll()
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
