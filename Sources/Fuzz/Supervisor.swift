import Glibc
import Wire

/// Starts a worker for each decoder and says how it ended.
struct Supervisor {
    let inputs: UInt64
    let seed: UInt64

    /// - Returns: whether the decoder survived; a line was printed either way.
    func run(_ decoder: Decoder) -> Bool {
        let path = "/tmp/banyan-fuzz-\(getpid())"
        let file = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { return fail(decoder, "cannot make \(path)") }
        defer { close(file) }
        unsafe unlink(path)
        guard let shared = SharedInput(descriptor: file) else { return fail(decoder, "cannot map memory") }
        let clock = ContinuousClock()
        let start = clock.now
        guard let process = spawn(decoder, file) else { return fail(decoder, "cannot start a worker") }
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        let seconds = Double((clock.now - start) / .microseconds(1)) / 1e6
        // The low seven bits are the signal that ended the process, the next byte its exit status.
        let signal = status & 0x7f
        guard signal == 0, status >> 8 == 0 else {
            let what = signal == SIGALRM ? "does not end" : signal != 0 ? "dies of signal \(signal)" : "fails"
            let input = Hex.encode(shared.bytes)
            return fail(decoder, "\(what) on \(input)\n    banyan-fuzz --decoder \(decoder.name) --input \(input)")
        }
        let accepted = shared.bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let share = Double(accepted) * 100 / Double(max(inputs, 1))
        let rate = Int(Double(inputs) / max(seconds, 1e-6))
        say(
            "\(decoder.name.padded(28)) \(inputs) inputs, seed \(seed), \(rate)/s, \((share * 10).rounded() / 10) % accepted"
        )
        return true
    }

    private func fail(_ decoder: Decoder, _ what: String) -> Bool {
        say("\(decoder.name.padded(28)) FAILED, seed \(seed): \(what)")
        return false
    }

    /// Prints at once, also into a pipe: a run takes minutes.
    private func say(_ line: String) {
        print(line)
        fflush(nil)
    }

    private func spawn(_ decoder: Decoder, _ file: Int32) -> pid_t? {
        // A worker's death is expected; a replay with --input shows where.
        unsafe setenv("SWIFT_BACKTRACE", "enable=no", 1)
        let words = [
            "banyan-fuzz", "--worker", "--decoder", decoder.name, "--inputs", "\(inputs)", "--seed", "\(seed)",
        ]
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe _ = posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, file, SharedInput.descriptor)
        var process: pid_t = 0
        let result = unsafe posix_spawn(&process, "/proc/self/exe", &actions, nil, &arguments, environ)
        return result == 0 ? process : nil
    }
}

extension String {
    func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
