package import Keys
package import Ledger

/// The last block and the state after it.
package struct ChainHead: Sendable {
    package let height: UInt64
    package let blockID: Digest
    /// Milliseconds since 1970.
    package let time: UInt64
    package let state: State
}
