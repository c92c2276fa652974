import Chain
import Consensus
import Foundation
import Keys
import Ledger
import Logging
import Store
import Testing

@Suite("Chain services on real files", .serialized)
struct ServiceTests {
    private final class Directories {
        let root = FileManager.default.temporaryDirectory.path + "/banyan-chain-" + UUID().uuidString
        /// Of a machine whose node key was made on it.
        func disk(_ index: Int, _ key: SigningKey) throws -> FileDisk {
            let path = root + "/\(index)"
            let isNew = !FileManager.default.fileExists(atPath: path)
            let disk = try FileDisk(root: path)
            if isNew { try ChainStorage.recordNewKey(key.publicKey, on: disk) }
            return disk
        }
        deinit { try? FileManager.default.removeItem(atPath: root) }
    }

    private static let fast = ChainConfiguration(
        minimumInterval: 5, emptyBlockInterval: 50, syncInterval: 50, syncDeadline: 2_000, snapshotInterval: 10)

    private func service(
        _ chain: TestChain, _ index: Int, _ network: LoopNetwork, _ directories: Directories, isSigner: Bool = true
    ) throws -> ChainService {
        let member = chain.members[index]
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let service = try ChainService(
            genesis: chain.genesis, referee: NoDisputes(), account: isSigner ? member.account : nil,
            key: isSigner ? member.node : nil,
            disk: try directories.disk(index, member.node), network: network.port(of: member.peer),
            configuration: Self.fast,
            logger: logger)
        network.add(service, as: member.peer)
        return service
    }

    private func reach(_ height: UInt64, _ service: ChainService) async {
        for await block in await service.events() where block.height >= height { return }
    }

    @Test(
        "four services commit a transaction; restarted from their files they go on; a late joiner and a follower catch up"
    )
    func wholeLife() async throws {
        let chain = TestChain(validators: 4, followers: 1)
        let directories = Directories()
        var network = LoopNetwork()
        var services = try (0..<3).map { try service(chain, $0, network, directories) }
        let transaction = chain.transfer(nonce: 1, amount: 77)
        try await run(services) {
            let events = await services[1].events()
            let id = try await services[0].submit(transaction)
            #expect(id == transaction.id)
            for await block in events where block.block.transactions.contains(transaction) { break }
            await reach(12, services[0])
        }
        let heights = await (services[0].head, services[1].head)
        let fifth = try await services[0].block(at: 5)
        let block = try #require(fifth)
        services = []
        network = LoopNetwork()

        // The fourth validator joins late, a follower too; the others start again from their files.
        services = try (0..<5).map { try service(chain, $0, network, directories, isSigner: $0 < 4) }
        let before = await services[0].head.height
        #expect(before >= heights.0.height)
        let stored = try await services[0].block(at: 5)
        #expect(stored == block)
        let nonce = await services[0].nextNonce(of: chain.rich.publicKey)
        #expect(nonce == 2)
        try await run(services) {
            for service in services { await reach(before + 8, service) }
            let last = await services[4].head.height
            #expect(last >= before + 8)
            let fetched = try await services[4].block(at: 5)
            #expect(fetched == block)
            let joined = try await services[3].block(at: before + 3)
            let first = try await services[0].block(at: before + 3)
            // Each keeps the certificate it saw: more than two thirds, not always the same.
            #expect(joined?.block == first?.block)
            let balance = await services[4].head.state.account(chain.members[0].account)?.balance
            #expect(try #require(balance) > Amount(fig: 10)!)
            let key = StateKey.account(chain.members[1].account)
            let proof = await services[2].proof(of: key)
            let bundle = try #require(proof)
            let trusted = try ChainState(genesis: chain.genesis).validators.digest
            let genesis: Digest = chain.genesis.digest
            let value = try bundle.verify(key, genesis: genesis, trusted: trusted)
            #expect(value != nil)
        }
    }

    @Test("files of one chain are refused by another genesis")
    func otherGenesis() async throws {
        let directories = Directories()
        let network = LoopNetwork()
        let first = try service(TestChain(validators: 1), 0, network, directories)
        try await run([first]) { await reach(25, first) }
        #expect(throws: ChainError.self) { try service(TestChain(validators: 1, seed: 5), 0, network, directories) }
    }
}
