internal import Glibc

/// The time of this machine.
package enum WallClock {
    /// Milliseconds since 1970.
    @Sendable package static func milliseconds() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(time.tv_sec) &* 1_000 &+ UInt64(time.tv_nsec) / 1_000_000
    }
}
