import Foundation
import Glibc

/// Ends this process in good order when its standard input is closed: a parent holds the other end of the pipe, and however
/// it ends, the pipe closes. (The kernel's parent-death signal follows the parent's thread, not its process.)
func runUntilInputCloses() {
    Thread.detachNewThread {
        var byte: UInt8 = 0
        var count = 1
        // An error other than an interruption stays: it is an end as well.
        while count > 0 || (count < 0 && errno == EINTR) { count = unsafe read(STDIN_FILENO, &byte, 1) }
        kill(getpid(), SIGTERM)
    }
}
