internal import Keys

/// A stream before both sides agreed on a protocol; the promises of ``MuxedStream`` hold.
protocol RawStream: AnyObject, Sendable {
    var remotePeer: PeerID { get }
    /// Fires when there is more to read.
    var readable: ChangeSignal { get }
    /// The next bytes, empty at the end; nil when there are none yet. What came before a reset is read before the reset throws.
    func readNow() throws -> [UInt8]?
    func write(_ bytes: [UInt8]) async throws
    func closeWrite() async throws
    func reset()
}

extension RawStream {
    func read() async throws -> [UInt8] {
        while true {
            let seen = readable.generation
            if let bytes = try readNow() { return bytes }
            try await readable.wait(after: seen)
        }
    }

    /// Agrees on the first of `protocols` that the peer answers. A failure resets the stream.
    func propose(_ protocols: [String]) async throws -> NegotiatedStream {
        do {
            var machine = MultistreamInitiator(protocols)
            try await write(machine.start())
            while true {
                let bytes = try await read()
                guard !bytes.isEmpty else { throw TransportError.protocolsRefused(protocols) }
                let step = try machine.receive(bytes)
                if !step.reply.isEmpty { try await write(step.reply) }
                if let agreed = step.agreed {
                    return NegotiatedStream(self, protocolID: agreed, leftover: machine.takeLeftover())
                }
            }
        } catch MultistreamError.refused(let protocols) {
            reset()
            throw TransportError.protocolsRefused(protocols)
        } catch let error as MultistreamError {
            reset()
            throw TransportError.handshakeFailed("\(error)")
        } catch {
            reset()
            throw error
        }
    }

    /// Answers the peer's proposals. A failure resets the stream.
    func answer(_ protocols: [String]) async throws -> NegotiatedStream {
        do {
            var machine = MultistreamResponder(protocols)
            while true {
                let bytes = try await read()
                guard !bytes.isEmpty else { throw TransportError.streamReset }
                let step = try machine.receive(bytes)
                if !step.reply.isEmpty { try await write(step.reply) }
                if let failure = step.failure { throw failure }
                if let agreed = step.agreed {
                    return NegotiatedStream(self, protocolID: agreed, leftover: machine.takeLeftover())
                }
            }
        } catch {
            reset()
            throw error
        }
    }
}
