/// Proposes protocols one after the other until the responder repeats one.
///
/// The header and the first proposal leave together, so that agreeing on the first costs one round trip. An initiator
/// with one protocol may send application data right behind ``start()`` (lazy form): the answer then arrives in front
/// of the first bytes it reads, and a refusal ends the stream.
///
/// Source: libp2p connections specification, "multistream-select".
package struct MultistreamInitiator: Sendable {
    private let protocols: [String]
    private var proposal = 0
    private var reader = MultistreamReader()
    private var isDone = false

    /// - Precondition: `protocols` is not empty.
    package init(_ protocols: [String]) {
        precondition(!protocols.isEmpty, "there must be something to propose")
        self.protocols = protocols
    }

    /// The first bytes to send.
    package func start() -> [UInt8] { MultistreamMessage.header + MultistreamMessage.encode(protocols[0]) }

    /// Reads bytes of the responder.
    /// - Throws: ``MultistreamError``; the stream is then of no further use.
    package mutating func receive(_ bytes: [UInt8]) throws(MultistreamError) -> MultistreamStep {
        reader.append(bytes)
        var step = MultistreamStep()
        guard !isDone, try reader.takeHeader() else { return step }
        while let answer = try reader.takeMessage() {
            if answer == protocols[proposal] {
                isDone = true
                step.agreed = answer
                return step
            }
            guard answer == MultistreamMessage.refusal else { throw .unexpected(String(answer.prefix(64))) }
            proposal += 1
            guard proposal < protocols.count else { throw .refused(protocols) }
            step.reply += MultistreamMessage.encode(protocols[proposal])
        }
        return step
    }

    /// Takes the bytes behind the agreement; they belong to the protocol.
    package mutating func takeLeftover() -> [UInt8] { reader.takeRest() }
}
