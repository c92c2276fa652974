internal import Wire

/// The part of an RPC that shapes the mesh.
package struct Control: Sendable, Hashable {
    /// IHAVE.
    package struct Announcement: Sendable, Hashable {
        package var topic: String
        package var ids: [[UInt8]]

        package init(topic: String, ids: [[UInt8]]) {
            self.topic = topic
            self.ids = ids
        }
    }

    /// PRUNE; peers it offers are not taken.
    package struct Prune: Sendable, Hashable {
        package var topic: String
        /// In seconds; nil as from a peer of version 1.0.
        package var backoff: UInt64?

        package init(topic: String, backoff: UInt64?) {
            self.topic = topic
            self.backoff = backoff
        }
    }

    package var announcements: [Announcement] = []
    /// IWANT.
    package var wanted: [[UInt8]] = []
    /// GRAFT.
    package var grafts: [String] = []
    package var prunes: [Prune] = []
    /// IDONTWANT.
    package var unwanted: [[UInt8]] = []

    package init() {}

    package var isEmpty: Bool {
        announcements.isEmpty && wanted.isEmpty && grafts.isEmpty && prunes.isEmpty && unwanted.isEmpty
    }

    func write(into writer: inout ProtobufWriter) {
        for entry in announcements {
            writer.write(1) { inner in
                inner.write(1, string: entry.topic)
                for id in entry.ids { inner.write(2, bytes: id) }
            }
        }
        if !wanted.isEmpty {
            writer.write(2) { inner in
                for id in wanted { inner.write(1, bytes: id) }
            }
        }
        for topic in grafts {
            writer.write(3) { $0.write(1, string: topic) }
        }
        for prune in prunes {
            writer.write(4) { inner in
                inner.write(1, string: prune.topic)
                if let backoff = prune.backoff { inner.write(3, varint: backoff) }
            }
        }
        if !unwanted.isEmpty {
            writer.write(5) { inner in
                for id in unwanted { inner.write(1, bytes: id) }
            }
        }
    }

    private static let idLimit = 1024
    private static let topicLimit = 1024

    mutating func read(_ fields: ProtobufReader) throws(WireError) {
        var reader = fields
        while let field = try reader.next() {
            guard (1...5).contains(field.number) else { continue }
            let inner = try field.message(limit: .max)
            switch field.number {
            case 1:
                var entry = Announcement(topic: "", ids: [])
                entry.ids = try Self.readIDs(inner, field: 2, topic: &entry.topic)
                announcements.append(entry)
            case 2:
                var topic = ""
                wanted += try Self.readIDs(inner, field: 1, topic: &topic)
            case 3:
                var topic = ""
                _ = try Self.readIDs(inner, field: .max, topic: &topic)
                grafts.append(topic)
            case 4: prunes.append(try Self.readPrune(inner))
            default:
                var topic = ""
                unwanted += try Self.readIDs(inner, field: 1, topic: &topic)
            }
        }
    }

    /// Reads ids from the fields numbered `number`, and a topic from field 1 when the ids are elsewhere.
    private static func readIDs(
        _ fields: ProtobufReader, field number: UInt32, topic: inout String
    ) throws(WireError) -> [[UInt8]] {
        var reader = fields
        var ids: [[UInt8]] = []
        while let field = try reader.next() {
            if field.number == number {
                ids.append(try field.bytes(limit: idLimit))
            } else if field.number == 1 {
                topic = try field.string(limit: topicLimit)
            }
        }
        return ids
    }

    private static func readPrune(_ fields: ProtobufReader) throws(WireError) -> Prune {
        var reader = fields
        var prune = Prune(topic: "", backoff: nil)
        while let field = try reader.next() {
            switch field.number {
            case 1: prune.topic = try field.string(limit: topicLimit)
            case 3: prune.backoff = try field.varint()
            default: break
            }
        }
        return prune
    }
}
