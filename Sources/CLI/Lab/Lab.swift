import ArgumentParser
import Keys
import Logging
import Wire

/// Parts of a node on their own, for tests against other implementations.
struct Lab: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run parts of a node on their own.",
        discussion: "Example: banyan lab peer --listen /ip4/127.0.0.1/tcp/4001",
        subcommands: [LabPeer.self, LabDial.self, LabProvider.self])
}

extension Lab {
    /// A key from `seed`, or a fresh one.
    static func key(seed: UInt64?) throws -> SigningKey {
        guard let seed else { return SigningKey.generate() }
        var generator = SeededGenerator(seed: seed)
        let bytes = (0..<32).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        guard let key = SigningKey(seed: bytes) else { throw ValidationError("no key from seed \(seed)") }
        return key
    }

    static func address(_ text: String) throws -> Multiaddress {
        do {
            return try Multiaddress(parsing: text)
        } catch {
            throw ValidationError("'\(text)' is no address (\(error)); write /ip4/127.0.0.1/tcp/4001 for example")
        }
    }

    /// Standard output is for results, so the log goes to standard error; quiet unless asked for.
    static func logger(verbose: Bool) -> Logger {
        var logger = Logger(label: "lab") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = verbose ? .debug : .warning
        return logger
    }
}
