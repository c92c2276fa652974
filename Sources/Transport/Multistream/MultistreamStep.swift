/// What a negotiation wants done after some bytes.
package struct MultistreamStep: Hashable, Sendable {
    /// To be sent to the other side.
    package var reply: [UInt8] = []
    /// Set once: the protocol both sides now speak.
    package var agreed: String?
    /// What is wrong behind the reply: to be acted upon once the reply is sent.
    package var failure: MultistreamError?
}
