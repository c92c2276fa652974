package import Keys
package import Proofs
package import Wire

/// A question of a verifier: protocol `/banyan/audit/1`. The answer is a stream of frames, joined to one value.
package enum AuditQuestion: Hashable, Sendable, Canonical {
    /// Show the exchange of this job.
    case exchange(job: Digest)
    /// Open the layer and the steps that the challenge draws.
    case opening(job: Digest, AuditChallenge)

    package static let protocolID = "/banyan/audit/1"
    package static let byteLimit = 512
    /// One frame of an answer: a peer that stalls holds no more than that.
    package static let frameLimit = 1 << 20

    /// Bytes of an answer at most. 2 MiB are the tokens of the longest prompt and answer; 512 MiB are the states of one layer over
    /// 131,072 positions of a model 1,024 wide.
    package var answerLimit: Int {
        switch self {
        case .exchange: 2 << 20
        case .opening: 512 << 20
        }
    }

    package var job: Digest {
        switch self {
        case .exchange(let job), .opening(let job, _): job
        }
    }

    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .exchange(let job):
            writer.write(UInt8(0))
            writer.write(job)
        case .opening(let job, let challenge):
            writer.write(UInt8(1))
            writer.write(job)
            writer.write(challenge)
        }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> AuditQuestion {
        switch try reader.readUInt8() {
        case 0: .exchange(job: try reader.read())
        case 1: .opening(job: try reader.read(), try reader.read())
        case let tag: throw .unknownTag(UInt64(tag), of: "AuditQuestion")
        }
    }
}

/// What comes back, after the frames are joined.
package enum AuditReply: Hashable, Sendable, Canonical {
    /// The provider does not keep this job.
    case unknown
    case exchange(Exchange)
    case opening(SliceOpening)

    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .unknown: writer.write(UInt8(0))
        case .exchange(let exchange):
            writer.write(UInt8(1))
            writer.write(exchange)
        case .opening(let opening):
            writer.write(UInt8(2))
            writer.write(opening)
        }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> AuditReply {
        switch try reader.readUInt8() {
        case 0: .unknown
        case 1: .exchange(try reader.read())
        case 2: .opening(try reader.read())
        case let tag: throw .unknownTag(UInt64(tag), of: "AuditReply")
        }
    }
}
