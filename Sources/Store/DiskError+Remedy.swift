internal import Glibc

extension DiskError {
    /// Whether the call may succeed later: there is room again, the file system takes writes again.
    package var mayPass: Bool { remedy != nil }

    /// What a person can do, so that it passes; nil when waiting is in vain.
    package var remedy: String? {
        guard case .failed(_, _, let code) = self else { return nil }
        return switch code {
        case ENOSPC: "Free some room on the file system of the data directory; the node then goes on by itself."
        case EDQUOT: "Raise the quota of the node's user, or free some of it; the node then goes on by itself."
        case EROFS: "Mount the file system of the data directory for writing again; the node then goes on by itself."
        case EMFILE, ENFILE: "Raise the limit of open files (ulimit -n); until then the node tries again."
        case ENOMEM, EAGAIN, EINTR, ENOBUFS: "The system is short of something; the node tries again."
        case EIO, ETIMEDOUT:
            "The disk fails: see the system's log (dmesg) and copy the data directory. The node tries again."
        default: nil
        }
    }
}
