package import Keys
package import Wire

/// Decides what one node says and believes on the local network (RFC 6762 as libp2p's discovery/mdns uses it).
///
/// Names in the announcements are random; the peer and its addresses stand in TXT records. What is heard is hearsay:
/// the handshake with the address decides who is there.
package struct MDNSMachine: Sendable {
    package enum Input: Sendable {
        /// Where this node listens now.
        case addresses([Multiaddress])
        /// A packet, and whether it came from a port other than 5353: then the sender wants its answer alone.
        case received([UInt8], isLegacy: Bool)
        /// Some time has passed; at least once a second.
        case tick
    }

    package enum Effect: Sendable, Hashable {
        case send([UInt8])
        /// To the sender of the packet.
        case reply([UInt8])
        case found(PeerID, [Multiaddress])
    }

    /// Peers and addresses taken from one packet.
    static let peerLimit = 16
    static let addressLimit = 16
    /// RFC 6762, section 6: a record is multicast at most once a second.
    static let answerPause: Duration = .seconds(1)

    private let peer: PeerID
    private let configuration: MDNSConfiguration
    private let service: DNSName
    private let instance: DNSName
    private let host: DNSName
    private var addresses: [Multiaddress] = []
    private var nextRound: Duration?
    private var rounds = 0
    private var lastAnswer: Duration?
    private static let directory = DNSName("_services._dns-sd._udp.local")

    /// - Parameter seed: makes the random name; new at each start.
    /// - Returns: nil when the service of the configuration is no name.
    package init?(peer: PeerID, configuration: MDNSConfiguration, seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        let label = String((0..<40).map { _ in letters[Int(dice.next(below: UInt64(letters.count)))] })
        guard let service = DNSName(configuration.service), let instance = service.prefixed(label),
            let host = DNSName("\(label).local")
        else { return nil }
        self.peer = peer
        self.configuration = configuration
        self.service = service
        self.instance = instance
        self.host = host
    }

    package mutating func step(_ input: Input, at now: Duration) -> [Effect] {
        switch input {
        case .addresses(let all):
            let known = addresses
            addresses = all.map(\.withoutPeer).filter {
                !$0.isRelayed && (configuration.usesLoopback || !$0.isLoopback)
            }
            // What changed is announced at once.
            return addresses == known || rounds == 0 ? [] : announcement(at: now)
        case .tick: return beginRound(at: now)
        case .received(let bytes, let isLegacy):
            guard let message = try? DNSMessage(bytes: bytes) else { return [] }
            return message.isResponse ? take(message) : answer(message, isLegacy: isLegacy, at: now)
        }
    }

    /// Asks and announces: at the start, a second later, and then at every interval.
    private mutating func beginRound(at now: Duration) -> [Effect] {
        guard nextRound.map({ now >= $0 }) ?? true else { return [] }
        rounds += 1
        nextRound = now + (rounds == 1 ? .seconds(1) : configuration.interval)
        var query = DNSMessage()
        query.questions = [DNSMessage.Question(name: service, kind: DNSMessage.Kind.ptr)]
        return [.send(query.bytes)] + announcement(at: now)
    }

    private mutating func announcement(at now: Duration) -> [Effect] {
        guard !addresses.isEmpty else { return [] }
        lastAnswer = now
        return [.send(response(answers: [pointer], additional: details).bytes)]
    }

    private mutating func answer(_ query: DNSMessage, isLegacy: Bool, at now: Duration) -> [Effect] {
        guard !addresses.isEmpty else { return [] }
        var answers: [DNSMessage.Record] = []
        var needsDetails = false
        for question in query.questions {
            if question.name == service, Self.asks(question, DNSMessage.Kind.ptr) {
                answers.append(pointer)
                needsDetails = true
            } else if question.name == Self.directory, Self.asks(question, DNSMessage.Kind.ptr) {
                answers.append(
                    DNSMessage.Record(
                        name: question.name, space: 1, lifetime: configuration.lifetime, data: .pointer(service)))
            } else {
                answers += details.filter { $0.name == question.name && Self.asks(question, $0.data.kind) }
            }
        }
        guard !answers.isEmpty, lastAnswer.map({ now - $0 >= Self.answerPause }) ?? true else { return [] }
        lastAnswer = now
        var reply = response(answers: answers, additional: needsDetails ? details : [])
        guard isLegacy else { return [.send(reply.bytes)] }
        // Section 6.7: with the id and the question, short lifetimes, and nothing replaced.
        reply.id = query.id
        reply.questions = query.questions
        reply.answers = reply.answers.map(Self.plain)
        reply.additional = reply.additional.map(Self.plain)
        return [.reply(reply.bytes)]
    }

    private static func asks(_ question: DNSMessage.Question, _ kind: UInt16) -> Bool {
        [1, 255].contains(question.space & 0x7fff) && (question.kind == kind || question.kind == DNSMessage.Kind.any)
    }

    private static func plain(_ record: DNSMessage.Record) -> DNSMessage.Record {
        var record = record
        record.space &= 0x7fff
        record.lifetime = min(record.lifetime, 10)
        return record
    }

    private func response(answers: [DNSMessage.Record], additional: [DNSMessage.Record]) -> DNSMessage {
        var message = DNSMessage()
        message.isResponse = true
        message.answers = answers
        message.additional = additional.filter { !answers.contains($0) }
        return message
    }

    private var pointer: DNSMessage.Record {
        DNSMessage.Record(name: service, space: 1, lifetime: configuration.lifetime, data: .pointer(instance))
    }

    /// TXT with the addresses, and the SRV, A and AAAA records that some implementations look for.
    private var details: [DNSMessage.Record] {
        let unique: UInt16 = 0x8001
        let texts = addresses.prefix(Self.addressLimit).compactMap { address -> [UInt8]? in
            guard let full = try? address.with(peer) else { return nil }
            let text = Array("dnsaddr=\(full)".utf8)
            return text.count <= 255 ? text : nil
        }
        let lifetime = configuration.lifetime
        var records = [
            DNSMessage.Record(name: instance, space: unique, lifetime: lifetime, data: .text(texts)),
            DNSMessage.Record(
                name: instance, space: unique, lifetime: lifetime,
                data: .service(port: addresses.first?.tcpPort ?? 0, target: host)),
        ]
        var hosts: [[UInt8]] = []
        for address in addresses.prefix(Self.addressLimit) where [.ip4, .ip6].contains(address.components[0].kind) {
            let bytes = address.components[0].value
            guard !hosts.contains(bytes) else { continue }
            hosts.append(bytes)
            records.append(DNSMessage.Record(name: host, space: unique, lifetime: lifetime, data: .address(bytes)))
        }
        return records
    }

    private func take(_ message: DNSMessage) -> [Effect] {
        var order: [PeerID] = []
        var found: [PeerID: [Multiaddress]] = [:]
        for record in message.answers + message.additional where record.name.isChild(of: service) && record.lifetime > 0
        {
            guard case .text(let strings) = record.data else { continue }
            for string in strings {
                guard let text = String(validating: string, as: UTF8.self), text.hasPrefix("dnsaddr="),
                    let address = Multiaddress(text.dropFirst("dnsaddr=".count)), let other = address.peer,
                    other != peer,
                    !address.isRelayed, configuration.usesLoopback || !address.isLoopback
                else { continue }
                if found[other] == nil {
                    guard order.count < Self.peerLimit else { continue }
                    order.append(other)
                }
                guard found[other, default: []].count < Self.addressLimit else { continue }
                found[other, default: []].append(address.withoutPeer)
            }
        }
        return order.map { .found($0, found[$0] ?? []) }
    }
}
