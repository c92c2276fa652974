internal import Keys
internal import Transport

/// `/ipfs/ping/1.0.0`: 32 bytes there and back.
enum Ping {
    static let protocolID = "/ipfs/ping/1.0.0"
    static let size = 32
    /// A peer that is silent for longer between two pings is not pinging.
    static let idleDeadline: Duration = .seconds(60)

    /// Sends back each 32 bytes until the peer closes its side.
    static func answer(_ stream: any MuxedStream) async throws {
        var pending: [UInt8] = []
        while true {
            let bytes = try await withDeadline(idleDeadline, "a ping") { try await stream.read() }
            guard !bytes.isEmpty else { return }
            pending += bytes
            let whole = pending.count - pending.count % size
            guard whole > 0 else { continue }
            try await stream.write(Array(pending[..<whole]))
            pending.removeFirst(whole)
        }
    }

    /// - Returns: the time of one ping there and back; nil when other bytes came back.
    static func measure(_ stream: any MuxedStream) async throws -> Duration? {
        let payload = SecureRandom.bytes(size)
        let clock = ContinuousClock()
        let start = clock.now
        try await stream.write(payload)
        var answer: [UInt8] = []
        while answer.count < size {
            let bytes = try await stream.read()
            guard !bytes.isEmpty else { return nil }
            answer += bytes
        }
        let time = clock.now - start
        try await stream.closeWrite()
        return answer == payload ? time : nil
    }
}
