/// Why a message is not published.
package enum GossipError: Error, Hashable, Sendable {
    /// In bytes.
    case messageTooLong(length: Int, limit: Int)
    case topicTooLong(length: Int, limit: Int)
}
