/// How a peer broke the rules of yamux; the session ends with it.
package enum YamuxError: Error, Hashable, Sendable {
    case unknownVersion(UInt8)
    case unknownKind(UInt8)
    /// A ping or go-away frame that names a stream, or another frame that names none.
    case misplacedStream(UInt32)
    /// The peer opened a stream with a number of our parity, or one that is open already.
    case wrongStreamNumber(UInt32)
    /// More data than the window allows.
    case windowExceeded(stream: UInt32, length: UInt32)
    /// Data on a stream whose end was sent before.
    case dataAfterEnd(UInt32)
    /// A window grew above 2^32 − 1.
    case windowOverflow(UInt32)
    /// All streams together hold more unread bytes than the session may keep.
    case budgetExceeded
}
