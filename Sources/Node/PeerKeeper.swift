import Keys
import Logging
import ServiceLifecycle
import Store
import Swarm
import Wire

/// Keeps in the data directory where peers can be reached, so that a node that is started again finds its network without being told.
struct PeerKeeper: Service {
    private static let file = "peers"
    /// Between two looks at who is connected; what changes in less time is lost with the process.
    private static let interval: Duration = .seconds(2)

    private let swarm: SwarmService
    private let disk: FileDisk
    private let logger: Logger
    private let kept: PeerBook

    /// Reads the file and tells the swarm, which dials those it knows while it has few peers.
    init(swarm: SwarmService, disk: FileDisk, logger: Logger) {
        self.swarm = swarm
        self.disk = disk
        self.logger = logger
        kept = Self.read(disk, logger)
        for entry in kept.entries { swarm.learn(entry.addresses, of: entry.peer) }
    }

    /// What is no book of peers is told and written anew: it may be old, damaged, or somebody else's.
    private static func read(_ disk: FileDisk, _ logger: Logger) -> PeerBook {
        do {
            guard let size = try disk.size(of: file) else { return PeerBook() }
            guard size <= UInt64(PeerBook.byteLimit) else {
                throw WireError.tooLong(length: size, limit: UInt64(PeerBook.byteLimit))
            }
            return try PeerBook(canonicalBytes: disk.readAll(file))
        } catch {
            logger.warning("the addresses of peers cannot be read and are collected anew: \(error)")
            return PeerBook()
        }
    }

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            var book = kept
            // Told once, not every two seconds: a full disk is told by the chain.
            var isTold = false
            while true {
                try await ContinuousClock().sleep(for: Self.interval)
                var next = book
                next.note(await swarm.reachable)
                guard next != book else { continue }
                do {
                    try disk.replace(Self.file, in: "", with: next.canonicalBytes)
                    (book, isTold) = (next, false)
                } catch {
                    if !isTold { logger.warning("the addresses of peers cannot be written: \(error)") }
                    isTold = true
                }
            }
        }
    }
}
