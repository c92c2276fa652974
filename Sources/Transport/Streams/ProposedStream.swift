internal import Keys
internal import Synchronization

/// A stream whose protocol was proposed to a peer that is known to speak it: its agreement is read in front of the first bytes, so that it costs
/// no round trip of its own. A peer that refuses after all makes the first read fail.
///
/// Source: libp2p connections specification, "multistream-select", the lazy form.
final class ProposedStream: MuxedStream {
    let protocolID: String
    private let raw: any RawStream
    private let state: Mutex<State>

    private struct State {
        /// Nil when the peer has agreed.
        var machine: MultistreamInitiator?
        var leftover: [UInt8] = []
    }

    /// Sends the proposal.
    init(_ raw: any RawStream, protocolID: String) async throws {
        self.raw = raw
        self.protocolID = protocolID
        let machine = MultistreamInitiator([protocolID])
        state = Mutex(State(machine: machine))
        try await raw.write(machine.start())
    }

    var remotePeer: PeerID { raw.remotePeer }

    func read() async throws -> [UInt8] {
        while true {
            let (isAgreed, first) = state.withLock { state in
                defer { state.leftover = [] }
                return (state.machine == nil, state.leftover)
            }
            if !first.isEmpty { return first }
            let bytes = try await raw.read()
            if isAgreed { return bytes }
            guard !bytes.isEmpty else { throw refused() }
            try state.withLock { state in
                do {
                    guard try state.machine?.receive(bytes).agreed != nil else { return }
                } catch MultistreamError.refused {
                    throw refused()
                } catch {
                    raw.reset()
                    throw TransportError.handshakeFailed("\(error)")
                }
                state.leftover = state.machine?.takeLeftover() ?? []
                state.machine = nil
            }
        }
    }

    private func refused() -> TransportError {
        raw.reset()
        return .protocolsRefused([protocolID])
    }

    func write(_ bytes: [UInt8]) async throws { try await raw.write(bytes) }
    func closeWrite() async throws { try await raw.closeWrite() }
    func reset() { raw.reset() }
}
