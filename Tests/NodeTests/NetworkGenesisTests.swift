import API
import Foundation
import Keys
import Ledger
import Logging
import Node
import Testing
import Wire

@Suite struct NetworkGenesisTests {
    private let identity = Town.identity("ours")

    private func genesis(_ name: String) -> Genesis {
        Genesis(
            name: name, time: Town.start * 1000, parameters: Parameters(),
            holders: [
                Genesis.Holder(
                    account: identity.accountID, balance: Amount(seeds: 1), stake: Amount(seeds: 2_000 * Town.fig),
                    node: .issue(by: identity.account, for: identity.node.publicKey, issued: Town.start))
            ])
    }

    private func resolve(
        in directory: TemporaryDirectory, file: String? = nil, digest: String? = nil, now: UInt64 = Town.start * 1000
    ) async throws -> Genesis {
        var configuration = NodeConfiguration(dataDirectory: directory.path, name: "test", listen: [])
        configuration.genesisPath = file
        configuration.genesisDigest = digest
        return try await NetworkGenesis.resolve(
            configuration, identity: identity, now: now, logger: Logger(label: "test"))
    }

    @Test func aGenesisIsReadAsItWasWritten() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/genesis"
        try NetworkGenesis.write(genesis("one"), to: path)
        #expect(try NetworkGenesis.read(path) == genesis("one"))
        try NetworkGenesis.write(genesis("two"), to: path)
        #expect(try NetworkGenesis.read(path) == genesis("two"))
    }

    @Test func whatIsNoGenesisIsRefusedWithItsPath() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/genesis"
        #expect(throws: Problem.self) { try NetworkGenesis.read(path) }
        #expect(throws: Problem.self) { try NetworkGenesis.read(directory.path) }
        let bytes = genesis("one").canonicalBytes
        for content in [[], [0], Array("genesis: yes\n".utf8), Array(bytes.dropLast()), bytes + [0]] {
            try Data(content).write(to: URL(filePath: path))
            let problem = #expect(throws: Problem.self) { try NetworkGenesis.read(path) }
            #expect(problem?.detail.contains(path) == true)
        }
        let problem = #expect(throws: Problem.self) {
            try NetworkGenesis.write(genesis("one"), to: directory.path + "/missing/genesis")
        }
        #expect(problem?.detail.contains("missing") == true)
    }

    @Test func aNodeAloneStartsANetworkAndStaysInIt() async throws {
        let directory = try TemporaryDirectory()
        let first = try await resolve(in: directory)
        #expect(first.holders.map(\.account) == [identity.accountID])
        #expect(try State(genesis: first).validators(at: first.time).map(\.id) == [identity.accountID])
        #expect(try NetworkGenesis.read(NetworkGenesis.path(in: directory.path)) == first)
        #expect(try await resolve(in: directory, now: (Town.start + 60) * 1000) == first)
    }

    @Test func aNamedGenesisIsKept() async throws {
        let directory = try TemporaryDirectory()
        let file = directory.path + "/named"
        try NetworkGenesis.write(genesis("one"), to: file)
        #expect(try await resolve(in: directory, file: file) == genesis("one"))
        #expect(try await resolve(in: directory) == genesis("one"))
        // Naming the same network again is no contradiction.
        #expect(try await resolve(in: directory, file: file) == genesis("one"))
    }

    @Test func aDirectoryBelongsToOneNetwork() async throws {
        let directory = try TemporaryDirectory()
        let file = directory.path + "/named"
        try NetworkGenesis.write(genesis("one"), to: NetworkGenesis.path(in: directory.path))
        try NetworkGenesis.write(genesis("two"), to: file)
        let problem = await #expect(throws: Problem.self) { try await resolve(in: directory, file: file) }
        #expect(problem?.status == 409)
        #expect(problem?.detail.contains(file) == true)
    }

    @Test func onlyTheGenesisWithTheWantedDigestIsTaken() async throws {
        let directory = try TemporaryDirectory()
        let file = directory.path + "/named"
        try NetworkGenesis.write(genesis("one"), to: file)
        let wrong = await #expect(throws: Problem.self) {
            try await resolve(in: directory, file: file, digest: "\(genesis("two").digest)")
        }
        #expect(wrong?.detail.contains("\(genesis("one").digest)") == true)
        // What was refused is not kept.
        #expect(!FileManager.default.fileExists(atPath: NetworkGenesis.path(in: directory.path)))
        let digest = "\(genesis("one").digest)".uppercased()
        #expect(try await resolve(in: directory, file: file, digest: digest) == genesis("one"))
    }

    @Test func aDamagedStoredGenesisStopsTheNode() async throws {
        let directory = try TemporaryDirectory()
        try Data([1, 2, 3]).write(to: URL(filePath: NetworkGenesis.path(in: directory.path)))
        await #expect(throws: Problem.self) { try await resolve(in: directory) }
    }
}
