package import API
package import Keys
import Synchronization

/// What became of the last transactions. Only of those since the node started; older ones are in the blocks.
package final class TransactionIndex: Sendable {
    /// 16,384 transactions: about 3 MiB.
    package static let limit = 1 << 14

    private struct Content {
        var reports: [Digest: TransactionReport] = [:]
        var order: [Digest] = []
        var next = 0
    }
    private let content = Mutex(Content())

    package init() {}

    package func note(_ report: TransactionReport, of id: Digest) {
        content.withLock { content in
            guard content.reports.updateValue(report, forKey: id) == nil else { return }
            if content.order.count < Self.limit {
                content.order.append(id)
            } else {
                content.reports[content.order[content.next]] = nil
                content.order[content.next] = id
                content.next = (content.next + 1) % Self.limit
            }
        }
    }

    package subscript(_ id: Digest) -> TransactionReport? { content.withLock { $0.reports[id] } }
}
