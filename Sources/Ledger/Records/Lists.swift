package import Keys
package import Wire

/// Accounts in ascending order: the one form of a set of them.
struct AccountList: Canonical {
    /// Accounts with stake: bounds the record at 2 MiB.
    static let limit = 1 << 16
    private(set) var accounts: [AccountID] = []

    mutating func insert(_ account: AccountID) {
        let place = accounts.firstIndex { !($0 < account) } ?? accounts.endIndex
        if place == accounts.endIndex || accounts[place] != account { accounts.insert(account, at: place) }
    }

    mutating func remove(_ account: AccountID) { accounts.removeAll { $0 == account } }

    func encode(into writer: inout ByteWriter) { writer.write(list: accounts) }
    static func decode(from reader: inout ByteReader) throws(WireError) -> AccountList {
        AccountList(accounts: try reader.readList(limit: limit))
    }
}

/// Digests in ascending order.
struct DigestList: Canonical {
    /// Jobs that are open at once.
    static let limit = 1024
    private(set) var digests: [Digest] = []

    mutating func insert(_ digest: Digest) {
        let place = digests.firstIndex { !($0 < digest) } ?? digests.endIndex
        if place == digests.endIndex || digests[place] != digest { digests.insert(digest, at: place) }
    }

    mutating func remove(_ digest: Digest) { digests.removeAll { $0 == digest } }

    func encode(into writer: inout ByteWriter) { writer.write(list: digests) }
    static func decode(from reader: inout ByteReader) throws(WireError) -> DigestList {
        DigestList(digests: try reader.readList(limit: limit))
    }
}

/// What is left of the receipts of a settled round: enough to recognise their work when it comes again.
package struct RoundHistory: Hashable, Sendable, Canonical {
    /// Outputs and checkpoint roots.
    package var digests: [Digest]

    package func encode(into writer: inout ByteWriter) { writer.write(list: digests) }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> RoundHistory {
        RoundHistory(digests: try reader.readList(limit: 2 * JobRecord.trainerLimit))
    }
}

/// Answers in ascending order.
struct AnswerList: Canonical {
    /// Twice what one block can add (``Execution/answerLimit``), and all disputes at once: bounds the record at 64 KiB.
    static let limit = 2 * Execution.answerLimit
    private(set) var answers: [AnswerID] = []

    mutating func insert(_ answer: AnswerID) {
        let place = answers.firstIndex { !($0 < answer) } ?? answers.endIndex
        if place == answers.endIndex || answers[place] != answer { answers.insert(answer, at: place) }
    }

    mutating func remove(_ answer: AnswerID) { answers.removeAll { $0 == answer } }

    func encode(into writer: inout ByteWriter) { writer.write(list: answers) }
    static func decode(from reader: inout ByteReader) throws(WireError) -> AnswerList {
        AnswerList(answers: try reader.readList(limit: limit))
    }
}
