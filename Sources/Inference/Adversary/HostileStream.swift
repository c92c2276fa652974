internal import Keys
package import Proofs
internal import Synchronization
package import Transport

/// An honest provider whose streams write what a ``WireCheat`` wants instead.
package final class HostileWire: Conduct {
    private let kind: WireCheat
    private let former = Mutex<ReceiptSeal?>(nil)

    package init(_ kind: WireCheat) { self.kind = kind }

    package func conclude(_ exchange: Exchange) -> Exchange { exchange }
    package func show(_ exchange: Exchange) -> Exchange { exchange }
    package func stream(_ stream: any MuxedStream) -> any MuxedStream {
        HostileStream(stream, WireScript(kind), hostility: self)
    }

    /// What ended the first answer, for all later ones.
    fileprivate func former(after seal: ReceiptSeal) -> ReceiptSeal? {
        former.withLock { former in
            defer { former = former ?? seal }
            return former
        }
    }
}

/// Reads what comes and writes something else than it is told.
private final class HostileStream: MuxedStream {
    private struct State {
        var script: WireScript
        var written = FrameBuffer()
        var isSilent = false
    }

    private let inner: any MuxedStream
    private let hostility: HostileWire
    private let state: Mutex<State>

    init(_ inner: any MuxedStream, _ script: WireScript, hostility: HostileWire) {
        self.inner = inner
        self.hostility = hostility
        state = Mutex(State(script: script))
    }

    var remotePeer: PeerID { inner.remotePeer }
    var protocolID: String { inner.protocolID }

    func read() async throws -> [UInt8] { try await inner.read() }
    func closeWrite() async throws { try await inner.closeWrite() }
    func reset() { inner.reset() }

    func write(_ bytes: [UInt8]) async throws {
        for line in try lines(insteadOf: bytes) {
            switch line {
            case .message(let message): try await inner.write(WireScript.frame(message))
            case .bytes(let bytes): try await inner.write(bytes)
            case .forever(let bytes): while true { try await inner.write(bytes) }
            case .tokensForever(var first):
                while true {
                    try await inner.write(WireScript.frame(.tokens(first: first, [1])))
                    first += 1
                }
            case .silence: state.withLock { $0.isSilent = true }
            }
        }
    }

    private func lines(insteadOf bytes: [UInt8]) throws -> [WireScript.Line] {
        try state.withLock { state in
            state.written.append(bytes)
            var lines: [WireScript.Line] = []
            while let frame = try state.written.next(limit: InferenceMessage.answerLimit), !state.isSilent {
                let message = try InferenceMessage(bytes: frame)
                var former: ReceiptSeal?
                if case .final(let seal, _) = message { former = hostility.former(after: seal) }
                lines += state.script.lines(for: message, former: former)
            }
            return lines
        }
    }
}
