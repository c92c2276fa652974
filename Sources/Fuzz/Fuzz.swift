import Glibc
import Wire

/// `banyan-fuzz`: a million mutated inputs for every decoder of foreign bytes.
@main
struct Fuzz {
    private static let help = """
        usage: banyan-fuzz [--decoder NAME] [--inputs N] [--seed S]   run (all decoders, 1000000 inputs, seed 1)
               banyan-fuzz --decoder NAME --input HEX                 decode one input, to look at a failure
               banyan-fuzz --list                                     names of the decoders

        """

    static func main() {
        var options: [String: String] = [:]
        var rest = CommandLine.arguments.dropFirst()
        while let word = rest.popFirst() {
            switch word {
            case "--list", "--worker": options[word] = ""
            case "--decoder", "--inputs", "--seed", "--input":
                guard let value = rest.popFirst() else { stop("\(word) needs a value\n" + help) }
                options[word] = value
            case "--help", "-h":
                print(help, terminator: "")
                return
            default: stop("unknown option \(word)\n" + help)
            }
        }
        let name = options["--decoder"]
        let chosen = decoders.filter { name == nil || $0.name == name }
        guard !chosen.isEmpty else { stop("no decoder is named \(name ?? ""); --list shows them\n") }
        guard let inputs = UInt64(options["--inputs"] ?? "1000000"), let seed = UInt64(options["--seed"] ?? "1") else {
            stop("--inputs and --seed are numbers\n")
        }
        if options["--list"] != nil {
            for decoder in chosen { print(decoder.name) }
        } else if let hex = options["--input"] {
            guard let input = Hex.decode(hex), chosen.count == 1 else {
                stop("--input is hexadecimal, for one --decoder\n")
            }
            print(chosen[0].decode(input) ? "accepted" : "refused")
        } else if options["--worker"] != nil {
            work(chosen[0], inputs, seed)
        } else {
            let supervisor = Supervisor(inputs: inputs, seed: seed)
            let failed = chosen.filter { !supervisor.run($0) }
            print("\(chosen.count) decoders, \(failed.count) failed")
            if !failed.isEmpty { exit(1) }
        }
    }

    private static func work(_ decoder: Decoder, _ inputs: UInt64, _ seed: UInt64) {
        guard let shared = SharedInput(descriptor: SharedInput.descriptor) else {
            stop("a worker is started by a run\n")
        }
        let accepted = Worker.run(decoder, inputs: inputs, seed: seed, shared: shared)
        shared.bytes = accepted.canonicalBytes
    }

    private static func stop(_ message: String) -> Never {
        let bytes = Array(message.utf8)
        unsafe _ = write(STDERR_FILENO, bytes, bytes.count)
        exit(2)
    }
}
