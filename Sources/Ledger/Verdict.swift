package import Keys
package import Wire

/// What one committee member found about one worker's update; a later verdict of the member replaces it.
package struct Verdict: Hashable, Sendable, Canonical {
    package enum Finding: Hashable, Sendable, Canonical {
        case clean
        case fault(Fault)

        package func encode(into writer: inout ByteWriter) {
            switch self {
            case .clean: writer.write(UInt8(0))
            case .fault(let fault):
                writer.write(UInt8(1))
                writer.write(fault)
            }
        }

        package static func decode(from reader: inout ByteReader) throws(WireError) -> Finding {
            switch try reader.readUInt8() {
            case 0: .clean
            case 1: .fault(try reader.read())
            case let tag: throw .unknownTag(UInt64(tag), of: "Finding")
            }
        }
    }

    /// Most segments a verdict may list.
    package static let segmentLimit = 1024

    package var job: Digest
    package var round: UInt32
    package var worker: AccountID
    /// Id of the receipt that was examined.
    package var receipt: Digest
    package var finding: Finding
    /// Segments that others claimed faulty and this member re-executed, ascending.
    package var examined: [UInt32]
    /// Segments of the member's own draw, ascending.
    package var segments: [UInt32]
    /// Shows that the draw was the member's own, over the audit's seed and the receipt.
    package var proof: VRFProof

    package init(
        job: Digest, round: UInt32, worker: AccountID, receipt: Digest, finding: Finding, examined: [UInt32],
        segments: [UInt32], proof: VRFProof
    ) {
        self.job = job
        self.round = round
        self.worker = worker
        self.receipt = receipt
        self.finding = finding
        self.examined = examined
        self.segments = segments
        self.proof = proof
    }

    /// What a member's draw is made over (alpha of the VRF).
    package static func drawInput(_ auditSeed: Digest, _ receipt: Digest) -> [UInt8] { auditSeed.bytes + receipt.bytes }

    /// Different segments that each member draws for itself; one keeps the cost at 1/S of a training.
    package static let ownDraws = 1

    /// The member's own segments, ascending, from the output of its VRF.
    /// - Parameter segments: how many the receipt speaks of, at least 1.
    package static func draw(from output: Digest, of segments: UInt32) -> [UInt32] {
        var generator = SeededGenerator(seed: output)
        var drawn: Set<UInt32> = []
        while drawn.count < min(ownDraws, Int(segments)) {
            drawn.insert(UInt32(truncatingIfNeeded: generator.next(below: UInt64(segments))))
        }
        return drawn.sorted()
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(job)
        writer.write(round)
        writer.write(worker)
        writer.write(receipt)
        writer.write(finding)
        for list in [examined, segments] {
            writer.writeVarint(UInt64(list.count))
            for segment in list { writer.write(segment) }
        }
        writer.write(proof)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Verdict {
        Verdict(
            job: try reader.read(), round: try reader.readUInt32(), worker: try reader.read(),
            receipt: try reader.read(), finding: try reader.read(), examined: try ascending(from: &reader),
            segments: try ascending(from: &reader), proof: try reader.read())
    }

    /// A list in strictly ascending order: the one form of a set.
    private static func ascending(from reader: inout ByteReader) throws(WireError) -> [UInt32] {
        let count = try reader.readVarint()
        guard count <= UInt64(segmentLimit) else { throw .tooLong(length: count, limit: UInt64(segmentLimit)) }
        var list: [UInt32] = []
        for _ in 0..<count {
            let segment = try reader.readUInt32()
            if let last = list.last, segment <= last { throw .invalid("segments are not in ascending order") }
            list.append(segment)
        }
        return list
    }
}

/// A committee member's vote on the model that the accepted updates of a round make.
package struct Aggregate: Hashable, Sendable, Canonical {
    package var job: Digest
    package var round: UInt32
    /// Digest of the new parameters, a blob.
    package var model: Digest

    package init(job: Digest, round: UInt32, model: Digest) {
        self.job = job
        self.round = round
        self.model = model
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(job)
        writer.write(round)
        writer.write(model)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Aggregate {
        Aggregate(job: try reader.read(), round: try reader.readUInt32(), model: try reader.read())
    }
}
