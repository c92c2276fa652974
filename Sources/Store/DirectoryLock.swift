internal import Glibc

/// Holds a data directory for one process: a second one is told who has it.
///
/// The lock is the kernel's (`flock`), so that it goes with the process however that ends; the file's text only names the holder.
package final class DirectoryLock: Sendable {
    package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        case held(directory: String, pid: String)
        case disk(DiskError)

        package var description: String {
            switch self {
            case .held(let directory, let pid):
                "the data directory \(directory) is in use by process \(pid); stop that process or choose another directory"
            case .disk(let error): "\(error)"
            }
        }
    }

    private let file: Int32

    package init(directory: String) throws(Failure) {
        let path = directory + "/lock"
        let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .disk(.failed(call: "open", path: path, code: errno)) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            defer { close(file) }
            guard code == EWOULDBLOCK else { throw .disk(.failed(call: "flock", path: path, code: code)) }
            var text = [UInt8](repeating: 0, count: 20)
            let count = unsafe max(0, pread(file, &text, text.count, 0))
            let pid = String(decoding: text.prefix(count).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            throw .held(directory: directory, pid: pid.isEmpty ? "unknown" : pid)
        }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(file, 0) == 0, unsafe pwrite(file, text, text.count, 0) == text.count else {
            let code = errno
            close(file)
            throw .disk(.failed(call: "write", path: path, code: code))
        }
        self.file = file
    }

    deinit { close(file) }
}
