import API
import Foundation
import Testing

@Suite struct ReportTests {
    private let supply = SupplyReport(minted: "1000", accounted: "999", conserved: false)

    private var status: NodeStatus {
        NodeStatus(
            name: "node", peer: "12D3Koo", account: "ban1a", version: "0.1.0", chain: "local-1", genesis: "00",
            height: 7,
            block: "aa", blockTime: 1_800_000_000_000, stateRoot: "bb", isValidator: true, validators: 4, peers: 3,
            pending: 2, listening: ["/ip4/127.0.0.1/tcp/4001"], uptimeSeconds: 60, supply: supply, bytesSent: .max,
            bytesReceived: 5)
    }

    private func account(node: String?) -> AccountReport {
        AccountReport(
            account: "ban1a", balance: "18446744073709551615", stake: "2", unbonding: "3", reputationLevel: 1,
            node: node,
            height: 7, channels: node == nil ? nil : [channel])
    }

    private let channel = ChannelReport(
        channel: "aa", direction: .pays, partner: "ban1b", deposit: "10", promised: "4", claimed: "3", rest: "6",
        end: 86_400, isClosing: false)

    private func peer(agent: String?, roundTrip: Double?) -> PeerReport {
        PeerReport(
            peer: "12D3Koo", addresses: [], agent: agent, protocols: ["/banyan/sync/1"], direction: "inbound",
            roundTripMilliseconds: roundTrip, bytesReceived: 1, bytesSent: 2)
    }

    private func job(deadline: UInt64?) -> JobReport {
        JobReport(
            id: "bb", owner: "ban1a", phase: "training", round: 1, rounds: 10, model: "cc", budget: "5",
            trainers: ["ban1b"], deadline: deadline)
    }

    @Test func everyReportComesBackFromJSON() throws {
        try expectRoundTrip(status)
        try expectRoundTrip(supply)
        try expectRoundTrip([peer(agent: "banyan/0.1.0", roundTrip: 1.5), peer(agent: nil, roundTrip: nil)])
        try expectRoundTrip([account(node: "00ff"), account(node: nil)])
        try expectRoundTrip(NonceReport(signer: "00ff", next: .max))
        try expectRoundTrip(
            BlockReport(
                height: 7, id: "aa", time: 1, proposer: "ban1a", stateRoot: "bb",
                transactions: [.init(id: "cc", operation: "transfer", sender: "ban1b")], signatures: 3))
        try expectRoundTrip([job(deadline: 607), job(deadline: nil)])
        for outcome in [TransactionReport.Outcome.pending, .committed, .failed, .unknown] {
            try expectRoundTrip(TransactionReport(id: "cc", outcome: outcome))
            try expectRoundTrip(TransactionReport(id: "cc", outcome: outcome, height: 8, reason: "no money"))
        }
        try expectRoundTrip(TransactionSubmission(transaction: "00ff"))
        try expectRoundTrip(BlobSubmission(bytes: "00ff"))
        try expectRoundTrip(BlobReport(digest: "dd"))
        try expectRoundTrip(ProofReport(bundle: "ee"))
    }

    @Test func amountsAreDecimalText() throws {
        let fields = try fields(of: account(node: nil))
        #expect(fields["balance"] as? String == "18446744073709551615")
        #expect(fields["stake"] as? String == "2")
        #expect(fields["unbonding"] as? String == "3")
        #expect(fields["node"] == nil && fields["channels"] == nil)
    }

    @Test func theOutcomesHaveTheirNames() throws {
        let names = try [TransactionReport.Outcome.pending, .committed, .failed, .unknown].map {
            try fields(of: TransactionReport(id: "cc", outcome: $0))["outcome"] as? String
        }
        #expect(names == ["pending", "committed", "failed", "unknown"])
    }

    @Test(arguments: [#"{}"#, #"{"transaction": 7}"#, #"{"transaction": null}"#, #"{"Transaction": "00"}"#, "00"])
    func aSubmissionWithoutATransactionIsRefused(text: String) {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(TransactionSubmission.self, from: Data(text.utf8))
        }
    }
}
