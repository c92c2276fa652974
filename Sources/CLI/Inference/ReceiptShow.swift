import API
import ArgumentParser
import Foundation
import Wire

struct ReceiptShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one receipt, or save it.",
        discussion: "Example: banyan receipt show 9f86d081 --save answer.receipt")
    @Argument(help: "Id of the receipt, or its first digits.") var id: String
    @Option(help: "File to write for 'banyan receipt verify'.") var save: String?
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try node.client()
        let receipt: ReceiptReport = try await client.get("/v1/inference/receipts/\(try await wholeID(client))")
        if let save {
            guard let bytes = receipt.bundle.flatMap({ Hex.decode($0) }) else {
                throw Problem.notFound("The node keeps no bundle of \(receipt.id).")
            }
            do { try Data(bytes).write(to: URL(fileURLWithPath: save), options: .atomic) } catch {
                throw Problem.invalid("'\(save)' cannot be written.")
            }
        }
        try output.show(receipt) { receipt in
            """
            receipt   \(receipt.id)
            provider  \(receipt.provider)
            client    \(receipt.client)
            model     \(receipt.model) in \(receipt.arithmetic)
            tokens    \(receipt.promptTokens) of the prompt, \(receipt.outputTokens) of the answer (\(receipt.stop))
            price     \(receipt.price == "0" ? "free" : "\(fig(receipt.price)) FIG")
            verdict   \(receipt.verdict), under '\(receipt.verification)'\(receipt.ledger.map(line) ?? "")\(save.map { "\nsaved     \($0)" } ?? "")
            """
        }
    }

    private func line(_ standing: ReceiptReport.Standing) -> String {
        if let dispute = standing.dispute {
            return "\nledger    \(standing.state) with \(dispute.defender): the \(dispute.turn) is to move, at height "
                + "\(dispute.deadline) at the latest, after \(dispute.moves) moves"
        }
        let appeal = standing.appealUntil.map { " by a committee; its client can appeal until height \($0)" }
        return "\nledger    \(standing.state)\(appeal ?? "")"
    }

    /// A person types the first digits.
    private func wholeID(_ client: NodeClient) async throws -> String {
        guard id.count < 64 else { return id }
        guard !id.isEmpty, id.allSatisfy(\.isHexDigit) else {
            throw Problem.invalid("'\(id)' is no id of a receipt.", remedy: "See: banyan receipt list")
        }
        let known: [ReceiptReport] = try await client.get("/v1/inference/receipts")
        let found = known.filter { $0.id.hasPrefix(id.lowercased()) }
        guard found.count == 1 else {
            throw Problem.notFound(
                found.isEmpty ? "No receipt begins with '\(id)'." : "\(found.count) receipts begin with '\(id)'.",
                remedy: "See: banyan receipt list")
        }
        return found[0].id
    }
}
