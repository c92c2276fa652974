package import Wire

/// What one peer sends to another at once.
package struct RPC: Sendable, Hashable {
    package struct Subscription: Sendable, Hashable {
        package var subscribe: Bool
        package var topic: String

        package init(subscribe: Bool, topic: String) {
            self.subscribe = subscribe
            self.topic = topic
        }
    }

    package var subscriptions: [Subscription] = []
    package var messages: [SignedMessage] = []
    package var control = Control()

    package init() {}

    package var isEmpty: Bool { subscriptions.isEmpty && messages.isEmpty && control.isEmpty }

    package var bytes: [UInt8] {
        var writer = ProtobufWriter()
        for subscription in subscriptions {
            writer.write(1) {
                $0.write(1, bool: subscription.subscribe)
                $0.write(2, string: subscription.topic)
            }
        }
        for message in messages { writer.write(2, bytes: message.bytes) }
        if !control.isEmpty { writer.write(3) { control.write(into: &$0) } }
        return writer.bytes
    }

    /// Not less than `bytes.count`: each field with a tag and a length of at most six bytes together.
    package var sizeBound: Int {
        var size = 16
        for subscription in subscriptions { size += subscription.topic.utf8.count + 16 }
        for message in messages { size += message.sizeBound + 6 }
        for topic in control.grafts { size += topic.utf8.count + 16 }
        for prune in control.prunes { size += prune.topic.utf8.count + 32 }
        for entry in control.announcements {
            size += entry.topic.utf8.count + 16
            for id in entry.ids { size += id.count + 6 }
        }
        for id in control.wanted { size += id.count + 12 }
        for id in control.unwanted { size += id.count + 12 }
        return size
    }

    /// Entries of each list that one RPC may have; the field limit of the reader bounds them together.
    static let fieldLimit = 16_384

    package init(bytes: [UInt8]) throws(WireError) {
        var reader = ProtobufReader(bytes, fieldLimit: Self.fieldLimit)
        while let field = try reader.next() {
            switch field.number {
            case 1:
                var inner = try field.message(limit: 4096)
                var subscription = Subscription(subscribe: false, topic: "")
                while let part = try inner.next() {
                    switch part.number {
                    case 1: subscription.subscribe = try part.bool()
                    case 2: subscription.topic = try part.string(limit: 1024)
                    default: break
                    }
                }
                subscriptions.append(subscription)
            case 2: messages.append(try SignedMessage(bytes: field.bytes(limit: bytes.count)))
            case 3: try control.read(field.message(limit: bytes.count))
            default: break
            }
        }
    }

    /// Splits into RPCs of at most `limit` bytes each, as far as single entries allow.
    package func fragments(limit: Int) -> [RPC] {
        // Most are far below: making the bytes only to count them would be half of the work of sending.
        guard sizeBound > limit, bytes.count > limit else { return [self] }
        var fragments: [RPC] = []
        var current = RPC()
        current.subscriptions = subscriptions
        current.control.grafts = control.grafts
        current.control.prunes = control.prunes
        var size = current.bytes.count
        func flush() {
            if !current.isEmpty { fragments.append(current) }
            current = RPC()
            size = 0
        }
        for message in messages {
            let length = message.data.count + SignedMessage.overhead
            if size + length > limit { flush() }
            current.messages.append(message)
            size += length
        }
        func append(_ ids: [[UInt8]], _ add: (inout Control, [[UInt8]]) -> Void) {
            // Ids are at most 128 bytes with their tags; lists are cut so that each piece fits.
            for start in stride(from: 0, to: ids.count, by: 256) {
                let piece = Array(ids[start..<min(start + 256, ids.count)])
                let length = piece.reduce(1100) { $0 + $1.count + 4 }
                if size + length > limit { flush() }
                add(&current.control, piece)
                size += length
            }
        }
        for entry in control.announcements {
            append(entry.ids) { $0.announcements.append(Control.Announcement(topic: entry.topic, ids: $1)) }
        }
        append(control.wanted) { $0.wanted += $1 }
        append(control.unwanted) { $0.unwanted += $1 }
        flush()
        return fragments
    }
}
