import Keys
import Transport
import Wire

let transportDecoders: [Decoder] = [
    Decoder("transport.multistream.responder", seeds: [initiation]) {
        var machine = MultistreamResponder(["/noise", "/yamux/1.0.0"])
        return (try? machine.receive($0)) != nil
    },
    Decoder("transport.multistream.initiator", seeds: [answer]) {
        var machine = MultistreamInitiator(["/tls/1.0.0", "/noise"])
        _ = machine.start()
        return (try? machine.receive($0)) != nil
    },
    // With a stream of our own open, since much of what a peer may say is about those.
    Decoder("transport.yamux.server", seeds: frames(ours: 2, theirs: 1)) { yamux(.server, $0) },
    Decoder("transport.yamux.client", seeds: frames(ours: 1, theirs: 2)) { yamux(.client, $0) },
    Decoder("transport.noise.responder", seeds: [noiseStart]) {
        var upgrade = noiseResponder
        return (try? upgrade.receive($0)) != nil
    },
    Decoder(
        "transport.noise.payload", seeds: [NoisePayload(key: key, staticKey: [1, 2], muxers: ["/yamux/1.0.0"]).encoded]
    ) {
        (try? NoisePayload(decoding: $0)) != nil
    },
    // All at once and a byte at a time: where the bytes were cut changes nothing.
    Decoder("transport.frames", seeds: [[3, 1, 2, 3, 0, 0x81, 1] + [UInt8](repeating: 5, count: 129)]) {
        let whole = messages(in: [$0])
        precondition(messages(in: $0.map { [$0] }) == whole, "another cut, other messages")
        return whole != nil
    },
    Decoder("transport.upgrade", seeds: [initiation, eagerInitiation]) {
        var upgrade = upgradeResponder
        return (try? upgrade.receive($0)) != nil
    },
    // Message 1 is on its way when the answer to the proposal comes.
    Decoder("transport.upgrade.initiator", seeds: [line("/multistream/1.0.0"), response]) {
        var upgrade = upgradeInitiator
        return (try? upgrade.receive($0)) != nil
    },
]

private let key = Examples.nodes[0]
private let noiseResponder = NoiseUpgrade(key: key, role: .responder, expected: nil, muxers: ["/yamux/1.0.0"])
private let upgradeResponder = ConnectionUpgrade(key: key, isInitiator: false)
private let (upgradeInitiator, eagerInitiation): (ConnectionUpgrade, [UInt8]) = {
    var initiator = ConnectionUpgrade(key: Examples.nodes[1], isInitiator: true)
    let first = (try? initiator.start()) ?? []
    return (initiator, first)
}()
private let response: [UInt8] = {
    var responder = upgradeResponder
    return (try? responder.receive(eagerInitiation)) ?? []
}()

private let noiseStart: [UInt8] = {
    var initiator = NoiseUpgrade(key: Examples.nodes[1], role: .initiator, expected: nil, muxers: nil)
    return (try? initiator.start()) ?? []
}()

private func line(_ text: String) -> [UInt8] { [UInt8(text.utf8.count + 1)] + Array(text.utf8) + [10] }
private let initiation = line("/multistream/1.0.0") + line("/unknown/1") + line("/noise")
private let answer = line("/multistream/1.0.0") + line("na") + line("/noise")

private func yamux(_ role: YamuxSession.Role, _ bytes: [UInt8]) -> Bool {
    var session = YamuxSession(role: role)
    guard let stream = try? session.open() else { preconditionFailure("a new session opens a stream") }
    guard let events = try? session.receive(bytes, at: .seconds(1)) else { return false }
    for case .readable(let id) in events {
        while case .bytes = session.read(id, at: .seconds(2)) {}
    }
    _ = try? session.write(stream, [1, 2, 3], from: 0)
    _ = session.takeOutput()
    return true
}

private func frame(_ kind: UInt8, _ flags: UInt16, _ stream: UInt32, _ value: UInt32, _ payload: [UInt8] = [])
    -> [UInt8]
{
    var writer = ByteWriter(capacity: 12 + payload.count)
    writer.write(UInt8(0))
    writer.write(kind)
    writer.write(flags)
    writer.write(stream)
    writer.write(value)
    return writer.bytes + payload
}

/// Conversations of a peer: data on its stream and on ours, windows, pings, ends.
private func frames(ours: UInt32, theirs: UInt32) -> [[UInt8]] {
    [
        frame(1, 1, theirs, 0) + frame(0, 0, theirs, 3, [1, 2, 3]) + frame(0, 4, theirs, 0),
        frame(1, 2, ours, 0) + frame(0, 0, ours, 2, [4, 5]) + frame(1, 0, ours, 1 << 20) + frame(0, 8, ours, 0),
        frame(2, 1, 0, 7) + frame(2, 2, 0, 7) + frame(3, 0, 0, 0), frame(0, 5, theirs, 2, [8, 9]),
    ]
}

/// All messages of a stream that brings these parts; nil when one does not hold together.
private func messages(in parts: [[UInt8]]) -> [[UInt8]]? {
    var buffer = FrameBuffer()
    var messages: [[UInt8]] = []
    do throws(TransportError) {
        for part in parts {
            buffer.append(part)
            while let message = try buffer.next(limit: 1024) { messages.append(message) }
        }
        return try buffer.missing(limit: 1024) == 0 ? messages : nil
    } catch { return nil }
}
