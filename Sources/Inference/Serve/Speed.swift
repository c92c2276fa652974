/// How fast answers come, as a moving average over the last ones.
struct Speed: Hashable, Sendable {
    /// Tokens of one answer in 1,000 seconds; 0 = not measured yet.
    private(set) var perThousandSeconds: UInt64 = 0

    /// The newest answer counts a quarter.
    mutating func note(tokens: Int, in time: Duration) {
        let milliseconds = Int64(time / .milliseconds(1))
        guard tokens > 0, milliseconds > 0 else { return }
        let newest = UInt64(tokens) * 1_000_000 / UInt64(milliseconds)
        perThousandSeconds = perThousandSeconds == 0 ? newest : (3 * perThousandSeconds + newest) / 4
    }
}
