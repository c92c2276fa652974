package import Keys
package import Proofs

/// A provider that could answer a question, and what is known of it.
package struct Candidate: Hashable, Sendable {
    package let account: AccountID
    /// Its node key: names the stream's other end and draws the seed.
    package let node: PublicKey
    package let pricePerToken: UInt64
    /// Tokens of one answer in 1,000 seconds, in its own words; 0 = not said.
    package let speed: UInt64
    package let freeSlots: UInt32
    package let contextLength: UInt32
    package let modes: Set<VerificationMode>
    package let standing: Standing
    package let experience: Experience

    package var peer: PeerID { PeerID(node) }

    /// - Parameter asker: pays for answers of others, not for its own.
    package init(
        entry: ProviderDirectory.Entry, offer: Offer, standing: Standing, experience: Experience, asker: AccountID
    ) {
        account = entry.announcement.account
        node = entry.announcement.certificate.node
        pricePerToken = account == asker ? 0 : offer.pricePerToken
        speed = offer.speed
        freeSlots = offer.freeSlots
        contextLength = offer.contextLength
        modes = offer.modes
        self.standing = standing
        self.experience = experience
    }
}

/// What this node has seen of one provider.
package struct Experience: Hashable, Sendable {
    /// From asking to the first token, moving average; nil before the first.
    package private(set) var latency: Duration?
    /// Failures of late; each success halves them.
    package private(set) var failures = 0
    /// Questions of this node that the provider has now.
    package var pending = 0

    package init() {}

    /// The newest counts a quarter.
    package mutating func noteFirstToken(after time: Duration) { latency = latency.map { ($0 * 3 + time) / 4 } ?? time }
    package mutating func noteSuccess() { failures /= 2 }
    package mutating func noteFailure() { failures = min(failures + 1, 16) }
}
