import Keys
import Ledger
import Node

/// Who plays in a demo, all drawn from its seed: five nodes, of which four are validators, and three providers of answers.
struct DemoCast: Sendable {
    static let nodeCount = 5
    static let providerCount = 3
    private static let validatorCount = 4

    let nodes: [NodeIdentity]
    let providers: [NodeIdentity]
    /// Owns the training job.
    let owner: SigningKey
    /// How each provider cheats; nil for the honest one.
    let cheats: [String?]
    /// In seeds for each token, by provider.
    let prices: [UInt64]

    /// - Parameter kinds: ways of answering wrongly, of which two are drawn; none for a demo where everybody is honest.
    init(seed: UInt64, kinds: [String]) {
        var dice = SeededGenerator(seed: seed)
        func identity() -> NodeIdentity { NodeIdentity(account: Self.key(from: &dice), node: Self.key(from: &dice)) }
        nodes = (0..<Self.nodeCount).map { _ in identity() }
        owner = Self.key(from: &dice)
        providers = (0..<Self.providerCount).map { _ in identity() }
        let liars = Array(kinds.shuffled(using: &dice).prefix(Self.providerCount - 1)).map(Optional.some)
        cheats = (liars + Array(repeating: nil, count: Self.providerCount - liars.count)).shuffled(using: &dice)
        // Whoever saves work can ask less.
        prices = cheats.map { UInt64.random(in: $0 == nil ? 500...600 : 300...450, using: &dice) * 1000 }
    }

    private static func key(from dice: inout SeededGenerator) -> SigningKey {
        SigningKey(seed: (0..<32).map { _ in UInt8(truncatingIfNeeded: dice.next()) })!
    }

    /// Four validators with 1,000 FIG at stake each; everybody has some to spend. The others put at stake what they need themselves: a
    /// committee is drawn from all who have a stake, and those who are not up yet would keep it waiting.
    /// - Parameter now: in milliseconds since 1970.
    func genesis(at now: UInt64) -> Genesis {
        var parameters = Parameters()
        parameters.blockInterval = 100
        parameters.emptyBlockInterval = 500
        // Whoever watches waits for the committees: they have half a minute at most, and are done in seconds when all of them work.
        parameters.answers.commitWindow = 40
        parameters.answers.revealWindow = 20
        var holders = (nodes + providers).enumerated().map { index, identity in
            Genesis.Holder(
                account: identity.accountID, balance: Amount(fig: 700)!,
                stake: index < Self.validatorCount ? Amount(fig: 1_000)! : .zero,
                node: index < Self.validatorCount
                    ? .issue(by: identity.account, for: identity.node.publicKey, issued: now / 1000) : nil)
        }
        holders.append(Genesis.Holder(account: AccountID(owner.publicKey), balance: Amount(fig: 1_000)!))
        return Genesis(name: "demo", time: now, parameters: parameters, holders: holders)
    }
}
