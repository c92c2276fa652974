import Federation
import Keys
import Ledger
import Models
import Proofs
import Testing
import Wire

/// One round of one job without a ledger: real training, real blobs, a committee of four that does its duties.
struct Court {
    let job: SmallJob
    let net: BlobNet
    let base: RoundBase
    let seed: UInt64
    let members = (1...4).map(SmallJob.account)
    let worker = SmallJob.account(0)

    init(seed: UInt64, round: UInt32 = 0, job: SmallJob? = nil, net: BlobNet? = nil) {
        self.seed = seed
        self.job = job ?? SmallJob(seed: seed)
        self.net = net ?? BlobNet(seed: seed, loss: 0)
        for index in 0...4 { self.job.publish(on: self.net, at: SmallJob.account(index)) }
        let id = RoundID(
            job: .zero, round: round, seed: Digest(of: [UInt8(truncatingIfNeeded: seed), UInt8(round)], domain: "test"))
        base = RoundBase(id: id, specification: self.job.specificationDigest, model: self.job.modelDigest)
    }

    func work(of account: AccountID, threads: Int = 1) -> RoundWork {
        RoundWork(blobs: NodeBlobs(net: net, account: account), data: job, threads: threads)
    }

    func train(_ forger: (any Forger)?, place: Int = 0) async throws -> Receipt {
        let account = SmallJob.account(place)
        let order = TrainingOrder(base: base, place: place, residual: nil, worker: account)
        return try await work(of: account).train(order, stop: StopSignal(), forge: forger) { _, _ in }
    }

    /// The faults that each member finds by its own share alone.
    func verdicts(on receipt: Receipt, place: Int = 0, isRepeated: Bool = false) async throws -> [Set<Fault>] {
        let plan = AuditPlan(
            seed: Digest(of: [UInt8(truncatingIfNeeded: seed)], domain: "audit"), receipt: receipt.id, members: members,
            segments: Int(receipt.count) - 1)
        var found: [Set<Fault>] = []
        for (index, member) in members.enumerated() {
            let work = work(of: member, threads: 1 + index % 2)
            var faults: Set<Fault> = []
            for part in [.commitment] + plan.shared(of: member).map(CheckOrder.Part.segment) {
                let order = CheckOrder(
                    base: base, receipt: receipt, place: place, residual: nil, part: part, isRepeated: isRepeated,
                    holders: [SmallJob.account(place)])
                switch try await work.check(order, stop: StopSignal()) {
                case .passed: break
                case .failed(let fault): faults.insert(fault)
                case .missing: faults.insert(.unavailable)
                }
            }
            found.append(faults)
        }
        return found
    }
}

@Suite struct CheatTests {
    @Test("honest work is clean to every member", arguments: 0..<40 as Range<UInt64>)
    func honest(seed: UInt64) async throws {
        let court = Court(seed: seed)
        let verdicts = try await court.verdicts(on: court.train(nil))
        #expect(verdicts.allSatisfy { $0.isEmpty })
    }

    @Test(
        "a poisoned update does not follow from its checkpoints, and every member sees it",
        arguments: 0..<20 as Range<UInt64>)
    func signFlip(seed: UInt64) async throws {
        let court = Court(seed: seed)
        let verdicts = try await court.verdicts(on: court.train(SignFlip()))
        #expect(verdicts.allSatisfy { $0 == [.output] })
    }

    @Test("noise under honest checkpoints is seen by every member", arguments: 0..<20 as Range<UInt64>)
    func forgedOutput(seed: UInt64) async throws {
        let court = Court(seed: seed)
        let verdicts = try await court.verdicts(on: court.train(ForgedOutput()))
        #expect(verdicts.allSatisfy { $0 == [.output] })
    }

    @Test("a single teleported segment, whichever it is, is found by exactly the members that hold it")
    func teleport() async throws {
        let segments = Int(try await Court(seed: 0).train(nil).count) - 1
        for segment in 0..<segments {
            for seed in 0..<4 as Range<UInt64> {
                let court = Court(seed: seed)
                let verdicts = try await court.verdicts(on: court.train(Teleport(segment: segment)))
                #expect(verdicts.filter { $0 == [.segment(UInt32(segment))] }.count == 3)
                #expect(verdicts.filter(\.isEmpty).count == 1)
            }
        }
    }

    @Test("the update of an earlier round, published again, is a duplicate", arguments: 0..<20 as Range<UInt64>)
    func stale(seed: UInt64) async throws {
        let first = Court(seed: seed)
        let forger = Stale()
        let lazy = try await first.train(forger)
        let found = try await first.verdicts(on: lazy)
        #expect(found.allSatisfy { !$0.isEmpty })
        let second = Court(seed: seed, round: 1, job: first.job, net: first.net)
        let copied = try await second.train(forger)
        #expect(copied.output == lazy.output && copied.checkpoints == lazy.checkpoints)
        let verdicts = try await second.verdicts(on: copied, isRepeated: true)
        #expect(verdicts.allSatisfy { $0 == [.duplicate] })
    }

    @Test(
        "a copy of a peer's update is a duplicate, and the peer is clean though its work occurs twice",
        arguments: 0..<20 as Range<UInt64>)
    func copiedFromPeer(seed: UInt64) async throws {
        let court = Court(seed: seed)
        let original = try await court.train(nil, place: 0)
        let bytes = try #require(
            court.net.get(original.output, at: SmallJob.account(0), from: [], limit: 1 << 20))
        let copy = try await court.train(Stale(copying: try Update(canonicalBytes: bytes)), place: 1)
        #expect(copy.output == original.output)
        let clean = try await court.verdicts(on: original, isRepeated: true)
        #expect(clean.allSatisfy { $0.isEmpty })
        let verdicts = try await court.verdicts(on: copy, place: 1, isRepeated: true)
        #expect(verdicts.allSatisfy { $0.contains(.duplicate) })
    }

    @Test("the rotating cheat is caught in every round", arguments: 0..<8 as Range<UInt32>)
    func rotating(round: UInt32) async throws {
        let first = Court(seed: 1)
        let forger = Rotating()
        _ = try await first.train(forger)
        let court = Court(seed: 1, round: round, job: first.job, net: first.net)
        let receipt = try await court.train(forger)
        let faults = try await court.verdicts(on: receipt).filter { !$0.isEmpty }
        #expect(faults.count >= 3)
    }
}
