package import Ledger
package import Proofs

extension AnswerRecord {
    /// An answer as its provider records it, at the price that its request names.
    package init(_ exchange: Exchange) {
        self.init(
            signed: exchange.receipt, client: exchange.request.request.client, payment: Amount(seeds: exchange.price))
    }
}
