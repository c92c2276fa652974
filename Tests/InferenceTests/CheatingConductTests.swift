import Inference
import Keys
import Models
import Proofs
import Synchronization
import Testing

/// What a cheater signs, shows and says of itself.
struct CheatingConductTests {
    /// What was told, by job.
    private final class Told: Sendable {
        private let state = Mutex<[Digest]>([])
        var jobs: [Digest] { state.withLock(\.self) }
        func add(_ job: Digest) { state.withLock { $0.append(job) } }
    }

    /// The exchange of node 1's answer to a request, computed by some engine.
    private func exchange(_ engine: any Engine, _ request: InferenceRequest) async throws -> Exchange {
        let seed = InferenceSeed(job: request.id, by: key(1))
        let product = try await engine.generate(
            GenerationOrder(request: request, seed: seed.value), into: TokenQueue(limit: .max))
        return Exchange(
            request: SignedRequest(request, by: accountKey(0)), answer: product.answer,
            receipt: .sign(
                .answer(product.answer, to: request, transcript: product.transcript, seed: seed.value),
                seedProof: seed.proof, with: key(1)))
    }

    private func conduct(_ kind: CheatKind, _ told: Told) -> CheatingConduct {
        CheatingConduct(kind, engines: [FakeEngine()], key: key(1), outsourcing: Outsourcing()) { job, _ in
            told.add(job)
        }
    }

    @Test("an answer that came out honest is not counted as a cheat; a false one is, once")
    func truth() async throws {
        let told = Told()
        let conduct = conduct(.editedSampler, told)
        let honest = try await exchange(FakeEngine(), request())
        #expect(try await conduct.conclude(honest) == honest)
        #expect(told.jobs.isEmpty)
        let liar = FakeEngine(distort: { $0 == 5 ? $1 ^ 1 : $1 })
        let lie = try await exchange(liar, request(nonce: 1))
        #expect(try await conduct.conclude(lie) == lie)
        #expect(told.jobs == [lie.job])
    }

    @Test("a receipt changed in any part is refused without the model, and counted")
    func forgery() async throws {
        let told = Told()
        let conduct = conduct(.forgedReceipt, told)
        var faults: Set<InferenceFault> = []
        for nonce in 0..<24 as Range<UInt64> {
            let honest = try await exchange(FakeEngine(), request(nonce: nonce))
            #expect(honest.faultWithoutModel == nil)
            let forged = try await conduct.conclude(honest)
            faults.insert(try #require(forged.faultWithoutModel))
        }
        #expect(faults == [.receiptSignature, .seed, .count, .worker])
        #expect(told.jobs.count == 24)
    }

    @Test("what an equivocator shows to auditors convicts it together with what its client holds (P13)")
    func equivocation() async throws {
        let lie = try await exchange(FakeEngine(distort: { $1 ^ 1 }), request())
        let shown = try await conduct(.equivocation, Told()).show(lie)
        #expect(shown.receipt.contradicts(lie.receipt))
        #expect(shown.receipt.hasValidSignature && lie.receipt.hasValidSignature)
        #expect(try await conduct(.quantisedModel, Told()).show(lie) == lie)
    }

    @Test("a selective provider shows an auditor nothing (P12)")
    func selective() async throws {
        let honest = try await exchange(FakeEngine(), request())
        await #expect(throws: CancellationError.self) { try await conduct(.selective, Told()).show(honest) }
    }
}
