import Chain
import Consensus
import Keys
import Ledger
import Logging
import Simulation
import Store
import Testing
import Wire

@Suite("Chain services on disks that are full now and then", .serialized)
struct FullDiskTests {
    private static let fast = ChainConfiguration(
        minimumInterval: 5, emptyBlockInterval: 30, syncInterval: 50, syncDeadline: 2_000, snapshotInterval: 3,
        journalLimit: 2_000, diskPauses: 1...8)

    private func service(_ chain: TestChain, _ index: Int, _ network: LoopNetwork, _ disk: VirtualDisk) throws
        -> ChainService
    {
        let member = chain.members[index]
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        if disk.paths.isEmpty { try ChainStorage.recordNewKey(member.node.publicKey, on: disk) }
        let service = try ChainService(
            genesis: chain.genesis, referee: NoDisputes(), account: member.account, key: member.node, disk: disk,
            network: network.port(of: member.peer), configuration: Self.fast, logger: logger)
        network.add(service, as: member.peer)
        return service
    }

    @Test("a validator alone on a full disk stands still, says why, takes nothing, and goes on when there is room")
    func alone() async throws {
        let (chain, network, disk) = (TestChain(validators: 1), LoopNetwork(), VirtualDisk())
        let service = try service(chain, 0, network, disk)
        try await run([service]) {
            for await block in await service.events() where block.height >= 3 { break }
            #expect(await service.trouble == nil)
            disk.refuseWrites(.percent(100), seed: 1)
            while await service.trouble == nil { await Task.yield() }
            let head = await service.head.height
            let trouble = try #require(await service.trouble)
            #expect(trouble.detail.contains("No space left on device") && trouble.remedy?.contains("room") == true)
            await #expect(throws: ChainError.self) { try await service.submit(chain.transfer(nonce: 1)) }
            let said = network.published.count
            let stored = try await service.block(at: head)
            #expect(stored?.block.height == head)
            #expect(await service.receive([1, 2, 3], on: .consensus, from: chain.members[0].peer) == .ignore)
            #expect(network.published.count == said, "something was said that is not on the disk")
            #expect(await service.head.height == head)
            let heights = await service.heights()
            disk.takeWrites()
            for await height in heights where height >= head + 3 { break }
            #expect(await service.trouble == nil)
            _ = try await service.submit(chain.transfer(nonce: 1))
        }
    }

    @Test(
        "four validators whose disks are full now and then, and lose their power, agree and sign nothing twice",
        arguments: 0..<6 as Range<UInt64>)
    func safety(seed: UInt64) async throws {
        var dice = SeededGenerator(seed: seed)
        let chain = TestChain(validators: 4)
        let disks = (0..<4).map { _ in VirtualDisk() }
        var signed: [Place: [UInt8]] = [:]
        var ids: [UInt64: Digest] = [:]
        for life in 0..<3 as Range<UInt64> {
            let network = LoopNetwork()
            let services = try (0..<4).map { try service(chain, $0, network, disks[$0]) }
            let start = await services[0].head.height
            try await run(services) {
                for (index, disk) in disks.enumerated() {
                    disk.refuseWrites(.percent(12), seed: seed * 100 + life * 10 + UInt64(index))
                }
                for service in services {
                    for await height in await service.heights() where height >= start + 5 { break }
                }
            }
            for message in network.published { try note(message, in: &signed) }
            for service in services {
                for block in try await service.blocks(from: 1, limit: 200) {
                    #expect(
                        ids.updateValue(block.block.id, forKey: block.block.height) ?? block.block.id == block.block.id)
                }
            }
            for disk in disks { disk.crash(using: &dice) }
        }
        #expect(signed.count > 100)
    }

    private struct Place: Hashable {
        let signer: AccountID
        let height: UInt64
        let round: UInt32
        let step: UInt8
    }

    private func note(_ bytes: [UInt8], in signed: inout [Place: [UInt8]]) throws {
        let (place, content): (Place, [UInt8])
        switch try ChainMessage(canonicalBytes: bytes).content {
        case .vote(let vote):
            place = Place(
                signer: vote.vote.voter, height: vote.vote.height, round: vote.vote.round, step: vote.vote.kind.rawValue
            )
            content = vote.vote.canonicalBytes
        case .proposal(let proposal, _):
            place = Place(
                signer: proposal.proposal.proposer, height: proposal.proposal.height, round: proposal.proposal.round,
                step: 0)
            content = proposal.proposal.canonicalBytes
        default: return
        }
        let before = signed.updateValue(content, forKey: place)
        #expect(before == nil || before == content, "signed twice: \(place)")
    }
}
