import Glibc

/// `numerics gemm | mlp | kernels | federated …`: figures on standard output, one line each, for people and for `compare.py`.
@main enum Numerics {
    static func main() throws {
        var arguments = Array(CommandLine.arguments.dropFirst())
        let command = arguments.isEmpty ? "help" : arguments.removeFirst()
        switch command {
        case "gemm": GemmBenchmark.run()
        case "mlp": try TrainingBenchmark.run()
        case "language": try LanguageBenchmark(Options(arguments)).run()
        case "federated": try FederatedExperiment(Options(arguments)).run()
        default:
            print(
                """
                numerics gemm        matrix products, GFLOP/s, on 1 and 2 threads
                numerics mlp         training steps of MLP 784-128-10, samples/s
                numerics language    load, first token, prefill, decode, memory of a language model
                  --model PATH --threads 1 --arithmetic int8|float32 --prompt 400 --answer 128 --clock wall|processor
                numerics federated   rounds of federated averaging on Fashion-MNIST, test accuracy
                  --trainers 5 --shards 5 --absent rotate|none|0… --rounds 10 --epochs 1 --batch 32
                  --rate 5/100 --momentum 9/10 --alpha 1/2|iid --seed 1 --threads 1
                """)
        }
    }
}

/// The best of several runs: the figure least disturbed by others on the machine. One thread is timed by the processor time it
/// used, several by the wall clock.
func bestSeconds(threads: Int, atLeast seconds: Double = 0.1, _ body: () -> Void) -> Double {
    // As many calls a reading as take two milliseconds: the clock's steps must not matter.
    var calls = 1
    while true {
        let start = now(threads)
        for _ in 0..<calls { body() }
        if now(threads) - start > 0.002 { break }
        calls *= 2
    }
    var best = Double.infinity
    var total = 0.0
    var runs = 0
    while total < seconds || runs < 3 {
        let start = now(threads)
        for _ in 0..<calls { body() }
        let value = now(threads) - start
        best = min(best, value / Double(calls))
        total += value
        runs += 1
    }
    return best
}

private func now(_ threads: Int) -> Double {
    var time = timespec()
    unsafe clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

/// A number with as many decimals as asked for.
func fixed(_ value: Double, _ decimals: Int) -> String {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let whole = Int((value * scale).rounded())
    guard decimals > 0 else { return "\(whole)" }
    let digits = String(abs(whole) % Int(scale))
    let padding = String(repeating: "0", count: decimals - digits.count)
    return "\(whole < 0 ? "-" : "")\(abs(whole) / Int(scale)).\(padding)\(digits)"
}
