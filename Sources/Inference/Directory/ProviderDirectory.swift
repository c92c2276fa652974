package import Keys

/// The providers that this node has heard of and that have not expired; bounded.
package struct ProviderDirectory: Sendable {
    package enum Outcome: Hashable, Sendable {
        case new, updated
        /// The provider said that it leaves.
        case left
        /// Not newer than what is known.
        case old
        /// The directory is full of providers with more at stake.
        case full
        case refused(Announcement.Fault)
    }

    package struct Entry: Hashable, Sendable {
        package let announcement: Announcement
        /// In seeds, when the announcement came.
        package let stake: UInt64

        package init(announcement: Announcement, stake: UInt64) {
            self.announcement = announcement
            self.stake = stake
        }
    }

    /// 1,024 providers of 16 models each; what is announced by more is not remembered.
    package static let limit = 1024

    private let limit: Int
    private var entries: [PeerID: Entry] = [:]

    package init(limit: Int = Self.limit) { self.limit = limit }

    /// Takes note of what a provider says of itself. Keys cost nothing, so in a full directory the smallest stake makes room.
    /// - Parameters:
    ///   - stake: of the provider's account, in seeds.
    ///   - time: in milliseconds since 1970.
    package mutating func note(_ announcement: Announcement, stake: UInt64, at time: UInt64) -> Outcome {
        do throws(Announcement.Fault) { try announcement.check(at: time) } catch { return .refused(error) }
        let peer = announcement.peer
        let known = entries[peer]
        if let known, known.announcement.sequence >= announcement.sequence { return .old }
        guard !announcement.offers.isEmpty else {
            // Kept without offers until it expires: an older announcement must not bring the provider back.
            guard known != nil else { return .old }
            entries[peer] = Entry(announcement: announcement, stake: stake)
            return .left
        }
        if known == nil, entries.count >= limit {
            expire(at: time)
            if entries.count >= limit {
                guard let least = entries.min(by: Self.isLess), least.value.stake < stake else { return .full }
                entries[least.key] = nil
            }
        }
        entries[peer] = Entry(announcement: announcement, stake: stake)
        return known == nil ? .new : .updated
    }

    /// Forgets what is over.
    /// - Parameter time: in milliseconds since 1970.
    package mutating func expire(at time: UInt64) {
        entries = entries.filter { $0.value.announcement.expires > time }
    }

    /// Providers that offer something and are not over, in the order of their names.
    package func providers(at time: UInt64) -> [Entry] {
        entries.values.filter { $0.announcement.expires > time && !$0.announcement.offers.isEmpty }
            .sorted { $0.announcement.peer < $1.announcement.peer }
    }

    package func entry(of peer: PeerID) -> Entry? { entries[peer] }
    package var count: Int { entries.count }

    private static func isLess(_ left: (key: PeerID, value: Entry), _ right: (key: PeerID, value: Entry)) -> Bool {
        (left.value.stake, left.value.announcement.expires, left.key)
            < (right.value.stake, right.value.announcement.expires, right.key)
    }
}
