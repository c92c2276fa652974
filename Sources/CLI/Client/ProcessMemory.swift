import Foundation

enum ProcessMemory {
    /// The most memory that a process has held, in bytes; nil when it is gone.
    static func peak(of process: Int32? = nil) -> UInt64? {
        let name = process.map(String.init) ?? "self"
        guard let status = try? String(contentsOfFile: "/proc/\(name)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
            let kibibytes = line.split(whereSeparator: { !$0.isNumber }).first.flatMap({ UInt64($0) })
        else { return nil }
        return kibibytes * 1024
    }
}
