import Chain
import Foundation
import Keys
import Ledger
import Logging
import Store
import Testing

/// Not a test of anything: prints the figures of docs/performance.md. Runs only when asked for:
/// `BANYAN_MEASURE=1 swift test -c release --filter LoadMeasurement`.
@Suite("LoadMeasurement", .enabled(if: ProcessInfo.processInfo.environment["BANYAN_MEASURE"] != nil))
struct LoadMeasurement {
    @Test("commit latency, block interval and transactions a second of four services in one process")
    func measure() async throws {
        let chain = TestChain(validators: 4)
        let root = FileManager.default.temporaryDirectory.path + "/banyan-measure-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: root) }
        let network = LoopNetwork()
        var logger = Logger(label: "measure")
        logger.logLevel = .warning
        let services = try chain.members.enumerated().map { index, member in
            let disk = try FileDisk(root: root + "/\(index)")
            try ChainStorage.recordNewKey(member.node.publicKey, on: disk)
            let service = try ChainService(
                genesis: chain.genesis, referee: NoDisputes(), account: member.account, key: member.node,
                disk: disk, network: network.port(of: member.peer),
                configuration: ChainConfiguration(
                    minimumInterval: 0, emptyBlockInterval: 200, mempool: .init(perSigner: 5_000)), logger: logger)
            network.add(service, as: member.peer)
            return service
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in services { group.addTask { try await service.run() } }
            for await block in await services[0].events() where block.height >= 5 { break }
            var nonce: UInt64 = 0
            var latencies: [Duration] = []
            for _ in 0..<100 {
                nonce += 1
                let transaction = chain.transfer(nonce: nonce)
                let events = await services[0].events()
                let start = ContinuousClock.now
                _ = try await services[0].submit(transaction)
                for await block in events where block.block.transactions.contains(transaction) { break }
                latencies.append(ContinuousClock.now - start)
            }
            latencies.sort()
            print("MEASURE commit latency p50 \(latencies[50]) p95 \(latencies[95]) max \(latencies[99])")
            let count: UInt64 = 10_000
            let transactions = (1...count).map { chain.transfer(nonce: nonce + $0) }
            let events = await services[0].events()
            let start = ContinuousClock.now
            group.addTask {
                for transaction in transactions {
                    while true {
                        do { _ = try await services[0].submit(transaction); break } catch { await Task.yield() }
                    }
                }
            }
            var done = 0
            var blocks = 0
            for await block in events {
                done += block.block.transactions.count
                if !block.block.transactions.isEmpty { blocks += 1 }
                if done >= Int(count) { break }
            }
            let seconds =
                Double((ContinuousClock.now - start).components.attoseconds) / 1e18
                + Double((ContinuousClock.now - start).components.seconds)
            print(
                "MEASURE \(count) transfers in \(seconds) s: \(Double(count) / seconds) tx/s, \(blocks) blocks, \(seconds / Double(blocks)) s a block"
            )
            group.cancelAll()
        }
    }
}
