import Keys
import Testing
import Transport

@Suite("framed stream", .timeLimit(.minutes(2)))
struct FramedStreamTests {
    /// A stream that has nothing but what it is made with.
    private final class Canned: MuxedStream {
        let remotePeer = PeerID(key(1).publicKey)
        let protocolID = "/canned/1"
        private let source: AsyncStream<[UInt8]>
        private let continuation: AsyncStream<[UInt8]>.Continuation

        /// - Parameter ends: false for a stream that then says nothing more.
        init(_ parts: [[UInt8]], ends: Bool = true) {
            let (source, continuation) = AsyncStream.makeStream(of: [UInt8].self)
            for part in parts { continuation.yield(part) }
            if ends { continuation.finish() }
            (self.source, self.continuation) = (source, continuation)
        }

        func read() async throws -> [UInt8] {
            for await part in source { return part }
            try Task.checkCancellation()
            return []
        }
        func write(_ bytes: [UInt8]) async throws {}
        func closeWrite() async throws {}
        func reset() {}
    }

    private func cut(_ bytes: [UInt8], _ size: Int) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
    }

    @Test("messages are read whole at every cut, an empty one too, and then the end")
    func messages() async throws {
        let long = [UInt8](repeating: 6, count: 300)
        let bytes: [UInt8] = [3, 1, 2, 3] + [0] + [0xac, 0x02] + long
        for size in 1...bytes.count {
            let stream = FramedStream(Canned(cut(bytes, size)))
            #expect(try await stream.readFrame(limit: 300) == [1, 2, 3])
            #expect(try await stream.readFrame(limit: 300) == [])
            #expect(try await stream.readFrame(limit: 300) == long)
            #expect(try await stream.readFrame(limit: 300) == nil)
        }
    }

    @Test("bytes behind a message stay for whoever goes on")
    func leftovers() async throws {
        let stream = FramedStream(Canned([[1, 9, 5, 6], [7]]))
        #expect(try await stream.readFrame(limit: 1) == [9])
        #expect(stream.takeUnread() == [5, 6])
        #expect(stream.takeUnread() == [])
    }

    @Test("half of a message is not waited for, when it is said how long a whole one may take")
    func patience() async throws {
        let stream = FramedStream(Canned([[1, 9, 5, 6], [7]], ends: false))
        #expect(try await stream.readFrame(limit: 9, patience: .seconds(60)) == [9])
        await #expect(throws: TransportError.deadlineExceeded("the rest of a message")) {
            try await stream.readFrame(limit: 9, patience: .milliseconds(1))
        }
    }

    @Test("long, malformed and cut messages are errors that say so")
    func errors() async throws {
        func read(_ bytes: [UInt8], limit: Int = 100) async throws {
            _ = try await FramedStream(Canned([bytes])).readFrame(limit: limit)
        }
        await #expect(throws: TransportError.frameTooLong(length: 101, limit: 100)) { try await read([101]) }
        await #expect(throws: TransportError.frameTooLong(length: 1 << 62, limit: 100)) {
            try await read([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40])
        }
        await #expect(throws: TransportError.malformedFrame) { try await read([0x80, 0x00]) }
        await #expect(throws: TransportError.malformedFrame) { try await read([UInt8](repeating: 0xff, count: 10)) }
        await #expect(throws: TransportError.truncatedFrame(missing: 3)) { try await read([5, 1, 2]) }
        await #expect(throws: TransportError.truncatedFrame(missing: 1)) { try await read([0x85]) }
    }
}
