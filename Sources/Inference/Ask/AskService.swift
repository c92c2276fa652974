package import Keys
package import Logging
internal import Models
internal import Proofs
package import Swarm
internal import Transport
internal import Wire

/// Asks providers the questions of this node. Each is an ``InquiryTask`` in the task of whoever asks.
package actor AskService {
    package struct Settings: Sendable {
        package var rules = AskRules()
        /// Questions under way.
        package var inquiries = 512
        /// From asking for a stream to having one.
        package var openDeadline: Duration = .seconds(10)
        /// From our frame to the provider having taken it.
        package var writeDeadline: Duration = .seconds(30)
        /// From a voucher to the provider's word that it is paid.
        package var paymentDeadline: Duration = .seconds(10)

        package init() {}
    }

    nonisolated let account: AccountID
    nonisolated let key: SigningKey
    nonisolated let swarm: SwarmService
    nonisolated let examiner: any Examiner
    nonisolated let settlement: (any Settlement)?
    nonisolated let local: ServeService?
    nonisolated let settings: Settings
    nonisolated let clock: any Clock<Duration>
    nonisolated let logger: Logger
    private let registry: any Registry
    private let time: @Sendable () -> UInt64
    private var directory: ProviderDirectory
    private var experiences: [PeerID: Experience] = [:]
    private var underWay = 0

    /// - Parameters:
    ///   - account: who asks; `key` speaks for it.
    ///   - settlement: pays; nil asks only providers that are free.
    ///   - local: the provider that this node is itself.
    ///   - time: milliseconds since 1970.
    package init(
        account: AccountID, key: SigningKey, swarm: SwarmService, registry: any Registry, examiner: any Examiner,
        settlement: (any Settlement)? = nil, local: ServeService? = nil, settings: Settings = Settings(),
        clock: any Clock<Duration> = TidyClock(), time: @escaping @Sendable () -> UInt64, logger: Logger
    ) {
        self.account = account
        self.key = key
        self.swarm = swarm
        self.registry = registry
        self.examiner = examiner
        self.settlement = settlement
        self.local = local
        self.settings = settings
        self.clock = clock
        self.time = time
        self.logger = logger
        directory = ProviderDirectory()
    }

    /// Asks until a provider's answer stands, or nobody is left. Tokens are handed to `tell` as they come; while it works, the
    /// provider waits. Cancelling the task breaks off every request.
    package nonisolated func ask(
        _ inquiry: Inquiry, tell: (AskEvent) async throws -> Void
    ) async throws -> AskResult {
        let candidates = try await begin(inquiry)
        do {
            let result = try await InquiryTask(service: self, inquiry: inquiry).run(candidates, tell: tell)
            await end()
            return result
        } catch {
            await end()
            throw error
        }
    }

    private func begin(_ inquiry: Inquiry) async throws -> [Candidate] {
        guard underWay < settings.inquiries else { throw AskFailure.busy(limit: settings.inquiries) }
        underWay += 1
        do {
            return try await order(inquiry)
        } catch {
            underWay -= 1
            throw error
        }
    }

    /// Whom to ask, best first, as of now.
    func order(_ inquiry: Inquiry) async throws(AskFailure) -> [Candidate] {
        let candidates = await candidates(for: inquiry)
        if candidates.isEmpty, let named = inquiry.providers { throw .notOffered(inquiry.choice, by: named) }
        let choice = ProviderChoice(
            promptCount: inquiry.prompt.count, maximumTokens: inquiry.sampling.maximumTokens,
            verification: inquiry.verification, maximumPrice: inquiry.maximumPrice)
        var dice = SystemRandomNumberGenerator()
        do throws(ProviderChoice.Failure) {
            return try choice.order(candidates, of: inquiry.choice, using: &dice)
        } catch { throw .noProvider(error) }
    }

    /// Those who offer the model and can be paid.
    func candidates(for inquiry: Inquiry) async -> [Candidate] {
        var found: [Candidate] = []
        for entry in directory.providers(at: time()) {
            let account = entry.announcement.account
            guard inquiry.providers?.contains(account) ?? true,
                let offer = entry.announcement.offers.first(where: { $0.choice == inquiry.choice }),
                offer.pricePerToken == 0 || settlement != nil || account == self.account
            else { continue }
            found.append(
                Candidate(
                    entry: entry, offer: offer, standing: await registry.standing(of: account),
                    experience: experiences[entry.announcement.peer] ?? Experience(), asker: self.account))
        }
        return found
    }

    private func end() { underWay -= 1 }

    // MARK: Providers

    /// Takes an announcement from the topic.
    package func hear(_ bytes: [UInt8]) async -> ProviderDirectory.Outcome? {
        guard let announcement = try? Announcement(canonicalBytes: bytes) else { return nil }
        let stake = await registry.standing(of: announcement.account).stake
        let outcome = directory.note(announcement, stake: stake, at: time())
        // Also when it is known: a provider that was started again may be elsewhere.
        if outcome == .new || outcome == .updated { swarm.learn(announcement.addresses, of: announcement.peer) }
        if experiences.count > 2 * ProviderDirectory.limit {
            experiences = experiences.filter { directory.entry(of: $0.key) != nil }
        }
        return outcome
    }

    /// The providers known now, with what this node has seen of them.
    package func providers() -> [(entry: ProviderDirectory.Entry, experience: Experience)] {
        directory.expire(at: time())
        return directory.providers(at: time()).map { ($0, experiences[$0.announcement.peer] ?? Experience()) }
    }

    func change(_ peer: PeerID, _ body: (inout Experience) -> Void) {
        body(&experiences[peer, default: Experience()])
    }
}
