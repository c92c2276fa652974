package import Keys
package import Proofs
package import Store
internal import Synchronization
package import Wire

/// A record of one job.
package protocol KeptRecord: Canonical {
    var job: Digest { get }
}

extension Exchange: KeptRecord {
    package var job: Digest { request.request.id }
}

/// The last answers on disk, by job: an auditor may ask a provider for them long after, and across a restart; an asker keeps its receipts.
///
/// One file an answer, written whole before the client sees the receipt; the oldest goes when there are too many.
package final class KeptAnswers<Record: KeptRecord>: Sendable {
    private struct Index {
        /// Ascending, as are the names of the files.
        var order: [(sequence: UInt64, job: Digest)] = []
        var sequences: [Digest: UInt64] = [:]
        var next: UInt64 = 0

        mutating func expire(beyond limit: Int) -> [(sequence: UInt64, job: Digest)] {
            let expired = Array(order.prefix(max(0, order.count - limit)))
            order.removeFirst(expired.count)
            for old in expired { sequences[old.job] = nil }
            return expired
        }
    }

    private let disk: any Disk
    private let directory: String
    private let limit: Int
    private let index: Mutex<Index>

    /// - Parameter limit: answers kept; 4,096 of a few kilobytes each outlast any window of audits.
    package init(on disk: any Disk, directory: String = "answers", limit: Int = 4096) throws(DiskError) {
        self.disk = disk
        self.directory = directory
        self.limit = max(1, limit)
        var found = Index()
        try disk.createDirectory(directory)
        for name in try disk.list(directory) {
            let parts = name.split(separator: "-")
            guard parts.count == 2, let sequence = UInt64(parts[0], radix: 16), let job = Digest(hex: parts[1]) else {
                try disk.remove(directory + "/" + name)  // Half written when the power went.
                continue
            }
            found.order.append((sequence, job))
            found.sequences[job] = sequence
            found.next = max(found.next, sequence + 1)
        }
        index = Mutex(found)
    }

    /// Keeps an answer durably. The same job is kept once.
    package func keep(_ record: Record) throws(DiskError) {
        let job = record.job
        let sequence = index.withLock { index -> UInt64? in
            guard index.sequences[job] == nil else { return nil }
            let sequence = index.next
            index.next += 1
            index.order.append((sequence, job))
            index.sequences[job] = sequence
            return sequence
        }
        guard let sequence else { return }
        do throws(DiskError) {
            try disk.replace(name(sequence, job), in: directory, with: record.canonicalBytes)
        } catch {
            index.withLock { index in
                index.order.removeAll { $0.sequence == sequence }
                index.sequences[job] = nil
            }
            throw error
        }
        // The answer is kept; an old one that cannot be removed now is found again at the next start.
        for old in index.withLock({ $0.expire(beyond: limit) }) {
            try? disk.remove(directory + "/" + name(old.sequence, old.job))
        }
    }

    /// - Returns: nil when the job is not kept, or its file is damaged.
    package func record(of job: Digest) throws(DiskError) -> Record? {
        guard let sequence = index.withLock({ $0.sequences[job] }) else { return nil }
        let bytes: [UInt8]
        do throws(DiskError) {
            bytes = try disk.readAll(directory + "/" + name(sequence, job))
        } catch DiskError.missing { return nil }
        guard let record = try? Record(canonicalBytes: bytes), record.job == job else { return nil }
        return record
    }

    /// Jobs, the newest first.
    package var jobs: [Digest] { index.withLock { $0.order.reversed().map(\.job) } }

    private func name(_ sequence: UInt64, _ job: Digest) -> String {
        let digits = String(sequence, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits + "-" + job.description
    }
}
