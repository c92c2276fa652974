internal import Glibc

/// The time of day, for numbers that must grow from one start of the program to the next.
package enum WallClock {
    /// Nanoseconds since 1970.
    package static var nanoseconds: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
    }
}
