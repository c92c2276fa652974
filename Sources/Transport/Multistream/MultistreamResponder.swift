/// Answers proposals: repeats the first that this node speaks, refuses the others.
///
/// Source: libp2p connections specification, "multistream-select". The legacy `ls` is refused like an unknown protocol.
package struct MultistreamResponder: Sendable {
    /// The most proposals answered on one stream; real initiators send a handful.
    package static let proposalLimit = 128

    private let protocols: [String]
    private var proposals = 0
    private var sentHeader = false
    private var isDone = false
    private var reader = MultistreamReader()

    package init(_ protocols: [String]) { self.protocols = protocols }

    /// Reads bytes of the initiator.
    ///
    /// An initiator that is refused may have sent data behind its proposal. It must hear the refusal all the same, so what is wrong with the bytes
    /// behind an answered proposal is a ``MultistreamStep/failure``.
    /// - Throws: ``MultistreamError``; the stream is then of no further use.
    package mutating func receive(_ bytes: [UInt8]) throws(MultistreamError) -> MultistreamStep {
        reader.append(bytes)
        var step = MultistreamStep()
        guard !isDone, try reader.takeHeader() else { return step }
        if !sentHeader {
            sentHeader = true
            step.reply = MultistreamMessage.header
        }
        var isAnswered = false
        do throws(MultistreamError) {
            while let proposal = try reader.takeMessage() {
                guard proposals < Self.proposalLimit else { throw .tooManyProposals }
                proposals += 1
                isAnswered = true
                if protocols.contains(proposal) {
                    isDone = true
                    step.reply += MultistreamMessage.encode(proposal)
                    step.agreed = proposal
                    return step
                }
                step.reply += MultistreamMessage.encode(MultistreamMessage.refusal)
            }
        } catch {
            guard isAnswered else { throw error }
            step.failure = error
        }
        return step
    }

    /// Takes the bytes behind the agreement; they belong to the protocol.
    package mutating func takeLeftover() -> [UInt8] { reader.takeRest() }
}
