import Keys
import Wire

/// What the ledger keeps lists of.
protocol Listed: Canonical, Comparable {
    /// How many of them a list holds: bounds its record.
    static var listLimit: Int { get }
}

/// Values in ascending order, each of them once: the one form of a set of them.
struct AscendingList<Element: Listed>: Canonical {
    static var limit: Int { Element.listLimit }
    private(set) var elements: [Element] = []

    mutating func insert(_ element: Element) {
        let place = elements.firstIndex { !($0 < element) } ?? elements.endIndex
        if place == elements.endIndex || elements[place] != element { elements.insert(element, at: place) }
    }

    mutating func remove(_ element: Element) { elements.removeAll { $0 == element } }

    func encode(into writer: inout ByteWriter) { writer.write(list: elements) }
    static func decode(from reader: inout ByteReader) throws(WireError) -> Self {
        Self(elements: try reader.readList(limit: limit))
    }
}

typealias AccountList = AscendingList<AccountID>
typealias DigestList = AscendingList<Digest>
typealias AnswerList = AscendingList<AnswerID>

extension AccountID: Listed {
    /// Accounts with stake: 2 MiB.
    static var listLimit: Int { 1 << 16 }
}

extension Digest: Listed {
    /// Jobs that are open at once.
    static var listLimit: Int { 1024 }
}

extension AnswerID: Listed {
    /// Twice what one block can add (``Execution/answerLimit``), and all disputes at once: 64 KiB.
    static var listLimit: Int { 2 * Execution.answerLimit }
}
