internal import Keys

/// One stream of a ``YamuxConnection``. When its object goes, a stream that is still open is reset.
final class YamuxStream: RawStream {
    private let connection: YamuxConnection
    private let id: UInt32
    let readable: ChangeSignal
    private let writable: ChangeSignal

    init(_ connection: YamuxConnection, _ opened: YamuxConnection.Opened) {
        self.connection = connection
        id = opened.id
        readable = opened.readable
        writable = opened.writable
    }

    deinit { connection.release(id) }

    var remotePeer: PeerID { connection.remotePeer }

    func readNow() throws -> [UInt8]? {
        switch try connection.read(id) {
        case .bytes(let bytes): bytes
        case .end, .gone: []
        case .wait: nil
        }
    }

    func write(_ bytes: [UInt8]) async throws {
        while true {
            let seen = writable.generation
            if try connection.beginWrite(id) == .taken { break }
            try await writable.wait(after: seen)
        }
        defer { connection.endWrite(id) }
        var offset = 0
        while offset < bytes.count {
            let seen = writable.generation
            let count = try connection.write(id, bytes, from: offset)
            offset += count
            if count == 0 { try await writable.wait(after: seen) }
        }
    }

    func closeWrite() async throws {
        while true {
            let seen = writable.generation
            if try connection.closeWrite(id) == .taken { return }
            try await writable.wait(after: seen)
        }
    }

    func reset() { connection.reset(id) }
}
