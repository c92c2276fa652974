internal import Glibc

/// Which seeds a simulation test runs, and how to run one of them again.
package enum Seeds {
    /// The seed named by the environment's `BANYAN_SEED`, else all of `range`.
    package static func chosen(from range: Range<UInt64>) -> [UInt64] {
        if let text = unsafe getenv("BANYAN_SEED"), let seed = UInt64(unsafe String(cString: text)) { return [seed] }
        return Array(range)
    }

    /// The command that replays one seed.
    package static func replay(_ seed: UInt64, of test: String) -> String {
        "replay with: BANYAN_SEED=\(seed) swift test -c release --filter \(test)"
    }
}
