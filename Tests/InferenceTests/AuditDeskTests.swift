import Inference
import Keys
import Ledger
import Proofs
import Store
import Swarm
import Synchronization
import Testing

/// Says of everybody what the test says.
private final class Readers: AuditReaders {
    private let answer = Mutex(AuditAccess.stranger)

    func set(_ access: AuditAccess) { answer.withLock { $0 = access } }
    func access(of peer: PeerID, to answer: AnswerID, of client: AccountID) async -> AuditAccess {
        self.answer.withLock(\.self)
    }
}

@Suite struct AuditDeskTests {
    @Test("an answer on the ledger is shown to its audit's members and its client, a receipt to members only")
    func access() async throws {
        let market = try await Market(clients: 2, engines: [FakeEngine()])
        try await market.run { market in
            let inquiry = Inquiry(
                choice: FakeEngine.choice, prompt: [4, 5], sampling: sampling(6), depth: .full)
            let exchange = try await market.clients[0].ask(inquiry) { _ in }.exchange
            let directory = TemporaryDirectory()
            let receipts = try KeptAnswers<HeldReceipt>(on: FileDisk(root: directory.path))
            let nothing = try KeptAnswers<HeldReceipt>(on: FileDisk(root: directory.path + "/none"))
            try receipts.keep(HeldReceipt(exchange: exchange, time: testTime, verdict: .right))
            let readers = Readers()
            // A peer that has asked nothing here.
            let another = market.clientSwarms[1]
            let (asking, answering) = (market.clientSwarms[0], market.providers[0].swarm)
            AuditDesk(swarm: asking, serve: nil, receipts: receipts, readers: readers).open()
            AuditDesk(
                swarm: answering, serve: market.providers[0].service, receipts: nothing, readers: readers
            ).open()

            func shows(_ from: SwarmService, to reader: SwarmService) async throws -> Bool {
                do throws(AuditClient.Failure) {
                    let shown = try await AuditClient(swarm: reader).exchange(of: exchange.job, from: from.peer)
                    #expect(shown == exchange)
                    return true
                } catch {
                    #expect(error == .unknown)
                    return false
                }
            }
            let expected: [(AuditAccess, provider: Bool, client: Bool)] = [
                (.untold, true, false), (.member, true, true), (.client, true, false), (.stranger, false, false),
            ]
            for (access, provider, client) in expected {
                readers.set(access)
                #expect(try await shows(answering, to: another) == provider, "\(access)")
                // Who asked is shown its answer whatever the ledger knows of its node.
                #expect(try await shows(answering, to: asking), "\(access)")
                #expect(try await shows(asking, to: answering) == client, "\(access)")
            }
        }
    }
}
