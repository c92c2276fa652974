/// Why a multistream-select negotiation cannot go on.
package enum MultistreamError: Error, Hashable, Sendable {
    /// The first bytes are not the header of version 1.0.0.
    case wrongHeader
    /// The length of a message is no varint in its shortest form.
    case malformedLength
    /// A message is announced longer than ``MultistreamMessage/limit``.
    case tooLong
    /// A message does not end in a line feed, or is not UTF-8.
    case malformedMessage
    /// The responder neither repeated our proposal nor refused it.
    case unexpected(String)
    /// The responder refused every protocol.
    case refused([String])
    /// The initiator proposed more often than ``MultistreamResponder/proposalLimit``.
    case tooManyProposals
}
