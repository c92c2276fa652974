import API
import ArgumentParser
import Foundation

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a node: its chain, its last block, its peers.",
        discussion: "Example: banyan status --json")
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try output.show(try await node.client().get("/v1/status", as: NodeStatus.self)) { status in
            """
            node        \(status.name)  \(status.peer)
            account     \(status.account)
            chain       \(status.chain)  (genesis \(status.genesis.prefix(16)))
            height      \(status.height)  block \(status.block.prefix(16))  state \(status.stateRoot.prefix(16))
            validator   \(status.isValidator ? "yes" : "no")  (one of \(status.validators))
            peers       \(status.peers)
            pending     \(status.pending) transactions
            supply      \(fig(status.supply.minted)) FIG, \(status.supply.conserved ? "conserved" : "NOT CONSERVED")
            listening   \(status.listening.joined(separator: "\n            "))
            up          \(status.uptimeSeconds) s, \(status.bytesSent) bytes sent, \(status.bytesReceived) received
            """ + status.troubles.map(Self.lines).joined()
        }
    }

    private static func lines(_ trouble: Trouble) -> String {
        let seconds = Date.now.timeIntervalSince1970 - Double(trouble.since) / 1000
        return "\nTROUBLE     \(trouble.detail)  (for \(Int(max(0, seconds))) s)"
            + (trouble.remedy.map { "\n            \($0)" } ?? "")
    }
}
