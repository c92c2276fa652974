import API
import Foundation
import Keys
import Node

/// The second half: a question to three providers of whom two cheat, until each has answered and the ledger has decided.
struct InferenceRun {
    let watch: DemoWatch

    /// Longest answer, in tokens.
    private static let tokens = 64
    /// Seconds until the ledger must have decided on what was found wrong.
    private static let patience = 60.0
    /// Seconds until payments must be on the ledger: a few blocks.
    private static let claimPatience = 15.0

    private var network: DemoNetwork { watch.network }
    private var view: DemoView { watch.view }

    private enum Beat: Sendable {
        case tick
        case answer(AnswerEvent)
        case over(Problem?)
    }

    func run() async throws -> InferenceSummary {
        var state = InferenceState(players: players)
        var story = InferenceStory()
        try await watch.begin(network.providers) { state.take($1, from: $0) }
        introduce(try await offers(&state))
        let text = try await DemoQuestion.ask(network.plan.question, view: view) {
            try await watch.turn { state.take($1, from: $0) }
        }
        view.tell(.init("you › \(text)", .bold))
        try await ask(text, of: nil, &state, &story)
        for (index, identity) in network.cast.providers.enumerated() {
            let player = DemoCast.nodeCount + index
            guard !state.answers.contains(where: { $0.provider == player }) else { continue }
            try await ask(text, of: "\(identity.accountID)", &state, &story)
        }
        try await awaitJudgements(&state, &story)
        try await awaitClaims(&state)
        await tellBalances()
        return InferenceSummary(state)
    }

    private var players: [InferenceState.Player] {
        let cheats = network.cast.nodes.map { _ in nil } + network.cast.cheats
        return zip(zip(network.processes, network.cast.nodes + network.cast.providers), cheats).map {
            .init(name: $0.0.name, account: "\($0.1.accountID)", cheat: $1)
        }
    }

    /// Waits until node 1 knows all providers.
    /// - Returns: the name and the root of the model that they offer.
    private func offers(_ state: inout InferenceState) async throws -> ProviderReport.Offer {
        let client = try network.client(of: network.nodes[0])
        while true {
            let found = (try? await client.get("/v1/inference/providers", as: [ProviderReport].self)) ?? []
            if found.count >= network.providers.count, let offer = found.first?.offers.first { return offer }
            try await watch.turn { state.take($1, from: $0) }
        }
    }

    private func introduce(_ offer: ProviderReport.Offer) {
        let liars = network.cast.cheats.count { $0 != nil }
        view.tell(.init(""))
        view.tell(
            .init(
                "\(network.providers.count) providers serve \(offer.name), known by its root \(offer.model.prefix(16))…",
                .bold))
        view.tell(
            .init(
                liars == 0
                    ? "All of them are honest."
                    : "\(liars) of them cheat, drawn by the seed; node 1, which asks, does not know which.",
                .dim))
    }

    /// Asks one question, with whatever else happens meanwhile.
    private func ask(
        _ text: String, of provider: String?, _ state: inout InferenceState, _ story: inout InferenceStory
    ) async throws {
        let client = try network.client(of: network.nodes[0])
        let question = Question(
            model: network.plan.modelName, messages: [.init(role: "user", content: text)], maximumTokens: Self.tokens,
            temperature: 0.5, check: .full, maximumPrice: "1000000000", provider: provider)
        let (beats, continuation) = AsyncStream.makeStream(of: Beat.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while true {
                    try await Task.sleep(for: .milliseconds(100))
                    continuation.yield(.tick)
                }
            }
            group.addTask {
                do {
                    try await client.ask(question) { continuation.yield(.answer($0)) }
                    continuation.yield(.over(nil))
                } catch {
                    continuation.yield(.over(error as? Problem ?? Problem.refused("\(error)")))
                }
            }
            defer { group.cancelAll() }
            for await beat in beats {
                switch beat {
                case .tick:
                    try Task.checkCancellation()
                    try await watch.look { state.take($1, from: $0) }
                    for line in story.judgements(in: state) { view.tell(line) }
                case .answer(let event):
                    state.take(event)
                    show(event, state, story)
                case .over(let problem):
                    // That no provider stood the check is what the demo is about.
                    if let problem, state.answers.isEmpty { throw problem }
                    return
                }
            }
        }
    }

    private func show(_ event: AnswerEvent, _ state: InferenceState, _ story: InferenceStory) {
        view.pass(DemoAnswerLine(part: event))
        if case .text(let text) = event {
            view.stream(text.text)
        } else {
            view.endStream(whole: state.attempts.last?.text ?? "")
            for line in story.lines(for: event, in: state) { view.tell(line) }
        }
    }

    private func awaitJudgements(_ state: inout InferenceState, _ story: inout InferenceStory) async throws {
        let end = ContinuousClock.now + .seconds(Self.patience)
        if state.isOpen {
            view.tell(.init(""))
            view.tell(.init("Node 1 accuses; committees drawn by lot compute the false answers again.", .bold))
        }
        while state.isOpen, ContinuousClock.now < end {
            try await watch.turn { state.take($1, from: $0) }
            for line in story.judgements(in: state) { view.tell(line) }
        }
    }

    /// Waits until every provider has taken to the ledger what it was promised, so that the balances add up.
    ///
    /// A promise that is hardly worth its fee is claimed when the provider ends: it is told, and not waited for.
    private func awaitClaims(_ state: inout InferenceState) async throws {
        let end = ContinuousClock.now + .seconds(Self.claimPatience)
        var hasTold = false
        while true {
            var due: [String] = []
            for (index, process) in network.providers.enumerated() {
                guard let promised = await unclaimed(by: process, network.cast.providers[index].accountID) else {
                    continue
                }
                if promised > 0 { due.append("\(process.name) \(fig(String(promised))) FIG") }
            }
            guard !due.isEmpty else { return }
            guard ContinuousClock.now < end else {
                return view.tell(.init("Promised and not claimed yet: \(due.joined(separator: ", ")).", .yellow))
            }
            if !hasTold {
                hasTold = true
                view.tell(.init(""))
                view.tell(.init("Providers claim what node 1 has promised them: \(due.joined(separator: ", ")).", .dim))
            }
            try await watch.turn { state.take($1, from: $0) }
        }
    }

    /// In seeds; nil when the provider does not answer now.
    private func unclaimed(by process: NodeProcess, _ account: AccountID) async -> UInt64? {
        guard let client = try? network.client(of: process),
            let report: AccountReport = try? await client.get("/v1/accounts/\(account)")
        else { return nil }
        return Self.seeds(report, .earns, \.promised)
    }

    /// What the channels of an account have of something beyond what was claimed of it.
    private static func seeds(
        _ account: AccountReport, _ direction: ChannelReport.Direction, _ part: KeyPath<ChannelReport, String>
    ) -> UInt64 {
        (account.channels ?? []).filter { $0.direction == direction }.reduce(0) { sum, channel in
            let (whole, claimed) = (UInt64(channel[keyPath: part]) ?? 0, UInt64(channel.claimed) ?? 0)
            return sum + (whole > claimed ? whole - claimed : 0)
        }
    }

    private func tellBalances() async {
        view.tell(.init(""))
        for (process, identity) in zip(network.processes, network.cast.nodes + network.cast.providers) {
            guard let account = await network.account("\(identity.accountID)") else { continue }
            let line = "\(process.name)  balance \(fig(account.balance)) FIG, at stake \(fig(account.stake)) FIG"
            // Only node 1 asks, and says what it has put into channels; the rest of that comes back when they end.
            let rest = Self.seeds(account, .pays, \.deposit)
            view.tell(.init(rest > 0 ? line + ", in channels \(fig(String(rest))) FIG" : line, .dim))
        }
    }
}
