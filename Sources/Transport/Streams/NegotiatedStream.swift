internal import Keys
internal import Synchronization

/// A stream whose protocol is agreed on; bytes that came with the agreement are read first.
final class NegotiatedStream: MuxedStream {
    let protocolID: String
    private let raw: any RawStream
    private let leftover: Mutex<[UInt8]>

    init(_ raw: any RawStream, protocolID: String, leftover: [UInt8]) {
        self.raw = raw
        self.protocolID = protocolID
        self.leftover = Mutex(leftover)
    }

    var remotePeer: PeerID { raw.remotePeer }

    func read() async throws -> [UInt8] {
        let first = leftover.withLock { leftover in
            defer { leftover = [] }
            return leftover
        }
        return first.isEmpty ? try await raw.read() : first
    }

    func write(_ bytes: [UInt8]) async throws { try await raw.write(bytes) }
    func closeWrite() async throws { try await raw.closeWrite() }
    func reset() { raw.reset() }
}
