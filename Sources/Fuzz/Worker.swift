import Glibc
import Wire

/// Runs one decoder over many inputs in a process of its own, which may die of it.
enum Worker {
    /// Inputs between two reports of life. The whole batch gets ``patience``.
    private static let batch: UInt64 = 10_000
    /// Seconds after which a batch counts as hung: a thousand times what it takes.
    private static let patience: UInt32 = 60
    /// Bytes of address space: an input of 4 KiB has no reason to make anything near it.
    private static let memory: UInt = 4 << 30

    /// - Returns: how many inputs were accepted; the exit of the process tells the rest.
    static func run(_ decoder: Decoder, inputs: UInt64, seed: UInt64, shared: SharedInput) -> UInt64 {
        var limit = rlimit(rlim_cur: memory, rlim_max: memory)
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        // No core files for crashes that are reported anyway.
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        for seed in decoder.seeds {
            shared.bytes = seed
            precondition(decoder.decode(seed), "\(decoder.name) refuses an example of its own")
        }
        var mutator = Mutator(seeds: decoder.seeds, seed: seed)
        var accepted: UInt64 = 0
        for index in 0..<inputs {
            if index.isMultiple(of: batch) { alarm(patience) }
            let input = mutator.next()
            shared.bytes = input
            if decoder.decode(input) {
                accepted += 1
                mutator.keep(input)
            }
        }
        return accepted
    }
}
