package import Keys
package import Wire

/// The last jobs of a kind, each with what is to be known of it; the oldest goes when there are too many.
package struct RecentJobs: Hashable, Sendable, Canonical {
    /// As many as answers are kept: an older one cannot be shown again either.
    package static let limit = 4096

    package struct Entry: Hashable, Sendable, Canonical {
        package let job: Digest
        /// The channel that paid for it.
        package let channel: Digest

        package func encode(into writer: inout ByteWriter) {
            writer.write(job)
            writer.write(channel)
        }
        package static func decode(from reader: inout ByteReader) throws(WireError) -> Entry {
            Entry(job: try reader.read(), channel: try reader.read())
        }
    }

    private var order: [Entry] = []
    private var channels: [Digest: Digest] = [:]

    package init() {}

    package subscript(_ job: Digest) -> Digest? { channels[job] }

    package mutating func note(_ job: Digest, in channel: Digest) {
        guard channels.updateValue(channel, forKey: job) == nil else { return }
        order.append(Entry(job: job, channel: channel))
        // A quarter at a time: removing one from the front moves all the others.
        guard order.count > Self.limit + Self.limit / 4 else { return }
        for old in order.prefix(Self.limit / 4) { channels[old.job] = nil }
        order.removeFirst(Self.limit / 4)
    }

    package func encode(into writer: inout ByteWriter) { writer.write(list: order) }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> RecentJobs {
        var jobs = RecentJobs()
        jobs.order = try reader.readList(limit: limit + limit / 4)
        for entry in jobs.order {
            guard jobs.channels.updateValue(entry.channel, forKey: entry.job) == nil else {
                throw .invalid("a job that is listed twice")
            }
        }
        return jobs
    }
}
