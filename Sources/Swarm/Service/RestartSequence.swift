internal import Glibc

/// Where a count begins that must grow from one start of the program to the next without being kept on disk: gossipsub's `seqno`, the
/// `seq` of a signed peer record (libp2p RFC 0003).
package enum RestartSequence {
    /// Nanoseconds since 1970: nobody sends a thousand million messages a second.
    package static var next: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
    }
}
