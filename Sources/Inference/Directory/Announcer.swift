package import Keys
internal import Logging
internal import ServiceLifecycle
package import Swarm
internal import Wire

/// Tells the network what this provider offers, again before it is forgotten, and that it leaves.
package struct Announcer: Service {
    package struct Settings: Sendable {
        package var interval: Duration = .seconds(15)
        /// The first interval; each is twice the one before until ``interval``: who has just started has few neighbours yet, and what
        /// they do not hear is lost.
        package var first: Duration = .seconds(1)
        /// How long an announcement counts, in milliseconds: three of them may get lost.
        package var life: UInt64 = 60_000

        package init() {}
    }

    private let certificate: NodeCertificate
    private let key: SigningKey
    private let service: ServeService
    private let swarm: SwarmService
    private let topic: any Announcements
    private let settings: Settings
    private let clock: any Clock<Duration>
    private let time: @Sendable () -> UInt64

    /// - Parameters:
    ///   - certificate: says for which account `key` answers.
    ///   - time: milliseconds since 1970.
    package init(
        certificate: NodeCertificate, key: SigningKey, service: ServeService, swarm: SwarmService,
        topic: any Announcements, settings: Settings = Settings(), clock: any Clock<Duration> = ContinuousClock(),
        time: @escaping @Sendable () -> UInt64
    ) {
        self.certificate = certificate
        self.key = key
        self.service = service
        self.swarm = swarm
        self.topic = topic
        self.settings = settings
        self.clock = clock
        self.time = time
    }

    package func run() async throws {
        let last = await cancelWhenGracefulShutdown { () -> UInt64 in
            var sequence: UInt64 = 0
            var pause = settings.first
            repeat {
                sequence = await publish(await service.offers, after: sequence)
                guard (try? await clock.sleep(for: pause)) != nil else { return sequence }
                pause = min(pause * 2, settings.interval)
            } while true
        }
        _ = await publish([], after: last)
    }

    /// - Returns: the number of the announcement, above the last one even when the clock was set back.
    private func publish(_ offers: [Offer], after last: UInt64) async -> UInt64 {
        let now = time()
        let announcement = Announcement(
            certificate: certificate, sequence: max(last + 1, now), expires: now + settings.life,
            addresses: swarm.listenAddresses, offers: offers, by: key)
        await topic.publish(announcement.canonicalBytes)
        return announcement.sequence
    }
}
