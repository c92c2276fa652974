import API
import Foundation

/// One `banyan up` in its own process, and what it has said so far.
final class NodeProcess {
    let name: String
    let directory: String
    private let executable: String
    private let arguments: [String]
    /// While this end is open the node runs; nil when it may outlive us.
    private var leash: Pipe?
    private let isLeashed: Bool
    private var process: Process?
    private var readOffset: UInt64 = 0
    private var partialLine: [UInt8] = []
    private(set) var peakBytes: UInt64 = 0

    init(name: String, directory: String, executable: String, arguments: [String], isLeashed: Bool) {
        self.name = name
        self.directory = directory
        self.executable = executable
        self.arguments = arguments + (isLeashed ? ["--end-with-input"] : [])
        self.isLeashed = isLeashed
    }

    private var eventsPath: String { directory + "/events.ndjson" }
    var logPath: String { directory + "/log" }
    var isRunning: Bool { process?.isRunning ?? false }
    var wasStarted: Bool { process != nil }
    var processID: Int32? { process?.processIdentifier }

    /// Starts the process; its events and its log are appended to files in its directory.
    func start() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        leash = isLeashed ? Pipe() : nil
        process.standardInput = leash ?? FileHandle.nullDevice
        process.standardOutput = try Self.appending(to: eventsPath)
        process.standardError = try Self.appending(to: logPath)
        try process.run()
        self.process = process
    }

    /// The events written since the last call; lines that are no events are skipped.
    func newEvents() -> [NodeEvent] {
        guard let handle = FileHandle(forReadingAtPath: eventsPath) else { return [] }
        defer { try? handle.close() }
        guard (try? handle.seek(toOffset: readOffset)) != nil, let data = try? handle.readToEnd() else { return [] }
        readOffset += UInt64(data.count)
        partialLine.append(contentsOf: data)
        guard let end = partialLine.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        let lines = partialLine[..<end].split(separator: UInt8(ascii: "\n"))
        partialLine = Array(partialLine[(end + 1)...])
        return lines.compactMap { try? JSONDecoder().decode(NodeEvent.self, from: Data($0)) }
    }

    /// Notes how much memory the process has held at most.
    func measure() {
        guard let processID, let peak = ProcessMemory.peak(of: processID) else { return }
        peakBytes = max(peakBytes, peak)
    }

    /// Asks the process to end.
    func terminate() {
        process?.terminate()
    }

    /// Ends the process now.
    func kill() {
        if let process, process.isRunning { Glibc.kill(process.processIdentifier, SIGKILL) }
    }

    /// The last lines of the log, for an error message.
    var lastWords: String {
        let text = (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(5).joined(separator: "\n")
    }

    private static func appending(to path: String) throws -> FileHandle {
        if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(fileURLWithPath: path)) }
        guard let handle = FileHandle(forWritingAtPath: path) else {
            throw Problem.invalid("'\(path)' cannot be written.")
        }
        try handle.seekToEnd()
        return handle
    }
}
