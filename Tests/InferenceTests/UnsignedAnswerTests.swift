import Inference
import Keys
import Models
import Proofs
import Synchronization
import Testing
import Transport
import Wire

/// Providers whose signature is not for the answer that they have given: they are named, get nothing, and another one answers.
struct UnsignedAnswerTests {
    private func inquiry(
        _ word: TokenID, tokens: UInt32 = 20, temperature: UInt32 = 0, of provider: AccountID? = nil
    ) -> Inquiry {
        Inquiry(
            choice: FakeEngine.choice, prompt: [word], sampling: sampling(tokens, temperature: temperature),
            depth: .full, providers: provider.map { [$0] })
    }

    private var forger: CheatingConduct {
        CheatingConduct(.forgedReceipt, engines: [FakeEngine()], key: key(1), outsourcing: Outsourcing()) { _, _ in }
    }

    @Test(
        "a receipt with another signature, seed, count or worker is nobody's: no payment, no accusation",
        arguments: 0..<16 as Range<TokenID>)
    func forged(word: TokenID) async throws {
        try await expectNamed(forger, inquiry(word, of: account(1)))
    }

    @Test("a provider that ends before its last token, or with the end of another answer, has signed something else")
    func otherAnswer() async throws {
        // More than one frame holds, so that there is an answer before its last frame.
        let long = UInt32(InferenceMessage.tokenLimit) + 100
        try await expectNamed(HostileWire(.earlyReceipt), inquiry(1, tokens: long, of: account(1)))
        try await expectNamed(HostileWire(.foreignReceipt), inquiry(1, of: account(1)), honestBefore: inquiry(2))
    }

    private func expectNamed(
        _ conduct: any Conduct, _ inquiry: Inquiry, honestBefore first: Inquiry? = nil
    ) async throws {
        let settlement = TestSettlement()
        try await Market(
            engines: [FakeEngine()], price: 5, settlement: settlement, till: settlement, conduct: conduct
        ).run { market in
            if let first { _ = try await market.clients[0].ask(first) { _ in } }
            let (before, record) = (settlement.charges, Record())
            await #expect(throws: AskFailure.allFailed([.unsigned(by: account(1))])) {
                try await market.clients[0].ask(inquiry) { record.add($0) }
            }
            #expect(record.events.contains(.attemptFailed(provider: account(1), .unsigned(by: account(1)))))
            let checks = record.events.filter { if case .checked = $0 { true } else { false } }
            #expect(checks.isEmpty, "there was nothing to check")
            #expect(settlement.charges == before && settlement.accused.isEmpty && settlement.prepared.isEmpty)
        }
    }

    @Test("the next provider answers, and only it is paid", arguments: [0, 700] as [UInt32])
    func replaced(temperature: UInt32) async throws {
        let settlement = TestSettlement()
        try await Market(
            engines: [FakeEngine(), FakeEngine()], price: 5, settlement: settlement, till: settlement,
            conduct: forger
        ).run { market in
            // Which of two equals is asked first is drawn.
            var (word, record, result): (TokenID, Record, AskResult?) = (0, Record(), nil)
            while result?.attempts != 2 {
                (word, record) = (word + 1, Record())
                let current = record
                result = try await market.clients[0].ask(inquiry(word, temperature: temperature)) { current.add($0) }
            }
            let answered = try #require(result)
            #expect(answered.provider == account(2) && answered.examination == .passed(.full))
            #expect(answered.base == 0 && record.tokens == answered.tokens && answered.tokens.count == 20)
            #expect(settlement.charges.count == Int(word) && settlement.charges[answered.exchange.job] == 100)
            #expect(settlement.accused.isEmpty)
            let retracted = record.events.contains(.retracted(from: 0))
            #expect(retracted == (temperature > 0), "another seed gives other tokens")
        }
    }

    @Test("a question that is taken with the proof of another seed is not answered")
    func otherSeed() async throws {
        try await Market(engines: [FakeEngine()], conduct: OtherSeed()).run { market in
            let failure = AttemptFailure.misbehaved("the proof of the seed is wrong")
            await #expect(throws: AskFailure.allFailed([failure])) {
                try await market.clients[0].ask(inquiry(1)) { _ in }
            }
        }
    }
}

/// Takes each question with the seed of another one.
private final class OtherSeed: Conduct {
    func conclude(_ exchange: Exchange) -> Exchange { exchange }
    func show(_ exchange: Exchange) -> Exchange { exchange }
    func stream(_ stream: any MuxedStream) -> any MuxedStream { Stream(stream) }

    private final class Stream: MuxedStream {
        private let inner: any MuxedStream
        init(_ inner: any MuxedStream) { self.inner = inner }

        var remotePeer: PeerID { inner.remotePeer }
        var protocolID: String { inner.protocolID }
        func read() async throws -> [UInt8] { try await inner.read() }
        func closeWrite() async throws { try await inner.closeWrite() }
        func reset() { inner.reset() }

        func write(_ bytes: [UInt8]) async throws {
            var buffer = FrameBuffer()
            buffer.append(bytes)
            while let frame = try buffer.next(limit: InferenceMessage.answerLimit) {
                var message = try InferenceMessage(bytes: frame)
                if case .accepted(_, let waiting) = message {
                    message = .accepted(seed: InferenceSeed(job: digest(9), by: key(1)).proof, waiting: waiting)
                }
                var writer = ByteWriter()
                writer.writePrefixed(message.bytes)
                try await inner.write(writer.bytes)
            }
        }
    }
}
