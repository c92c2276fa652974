internal import Keys
internal import Synchronization

/// A stream whose protocol was proposed to a peer that is known to speak it: its agreement is read in front of the first bytes, so that it costs
/// no round trip of its own. A peer that refuses after all makes the first read fail.
///
/// What was written behind a refused proposal makes the peer reset the stream. A refusal that came before says more than the reset, so whatever
/// fails first, the refusal is what is thrown, then and ever after.
///
/// Source: libp2p connections specification, "multistream-select", the lazy form.
final class ProposedStream: MuxedStream {
    let protocolID: String
    private let raw: any RawStream
    private let answer: Mutex<Answer>

    private enum Answer {
        case awaited(MultistreamInitiator)
        /// With bytes behind the agreement that are not read yet.
        case agreed([UInt8])
        case refused(TransportError)
    }

    /// Sends the proposal.
    init(_ raw: any RawStream, protocolID: String) async throws {
        self.raw = raw
        self.protocolID = protocolID
        let machine = MultistreamInitiator([protocolID])
        answer = Mutex(.awaited(machine))
        try await raw.write(machine.start())
    }

    var remotePeer: PeerID { raw.remotePeer }

    func read() async throws -> [UInt8] {
        while true {
            let seen = raw.readable.generation
            if let bytes = try answer.withLock({ try next(&$0) }) { return bytes }
            try await raw.readable.wait(after: seen)
        }
    }

    func write(_ bytes: [UInt8]) async throws {
        do { try await raw.write(bytes) } catch let error as TransportError { throw cause(of: error) }
    }

    func closeWrite() async throws {
        do { try await raw.closeWrite() } catch let error as TransportError { throw cause(of: error) }
    }

    func reset() { raw.reset() }

    /// The next bytes behind the agreement; nil when there are none yet.
    private func next(_ answer: inout Answer) throws -> [UInt8]? {
        try hear(&answer)
        switch answer {
        case .awaited: return nil
        case .refused(let error): throw error
        case .agreed(let leftover):
            guard !leftover.isEmpty else { return try raw.readNow() }
            answer = .agreed([])
            return leftover
        }
    }

    /// What says why a write came to nothing: the refusal, if there is one.
    private func cause(of error: TransportError) -> TransportError {
        answer.withLock { answer in
            try? hear(&answer)
            if case .refused(let refusal) = answer { return refusal }
            return error
        }
    }

    /// Reads the peer's answer as far as it is here.
    /// - Throws: what the stream throws.
    private func hear(_ answer: inout Answer) throws {
        while case .awaited(var machine) = answer, let bytes = try raw.readNow() {
            do {
                guard !bytes.isEmpty else { throw MultistreamError.refused([protocolID]) }
                let isAgreed = try machine.receive(bytes).agreed != nil
                answer = isAgreed ? .agreed(machine.takeLeftover()) : .awaited(machine)
            } catch MultistreamError.refused {
                answer = .refused(.protocolsRefused([protocolID]))
                raw.reset()
            } catch {
                answer = .refused(.handshakeFailed("\(error)"))
                raw.reset()
            }
        }
    }
}
