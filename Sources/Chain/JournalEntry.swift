internal import Consensus
internal import Keys
internal import Wire

/// What the journal of the current height holds: each input before it is processed, each own message before it is sent.
///
/// Times are milliseconds since 1970, as the machine saw them: replaying takes the same decisions.
enum JournalEntry: Canonical, Hashable {
    case began(Height, at: UInt64)
    /// A verified message of another node.
    case heard(ChainMessage, at: UInt64)
    case timeout(TimerID, at: UInt64)
    /// A block this node built in its turn.
    case built(Block, round: Round, at: UInt64)
    /// What this node signed, with the signer's memory after it. Durable before it is sent.
    case own(OwnMessage, SignerState, at: UInt64)
    /// The signer's memory, and the key it is about: at the birth of the key, at the front of a new journal, and after a loss;
    /// nil when it is not known what the key signed.
    case signer(SignerState?, of: PublicKey)

    /// The height the entry belongs to; nil for the signer's memory.
    var height: Height? {
        switch self {
        case .began(let height, _): height
        case .heard(let message, _): message.content.height
        case .own(let message, _, _): message.height
        case .timeout(let timer, _): timer.height
        case .built(let block, _, _): block.height
        case .signer: nil
        }
    }

    func encode(into writer: inout ByteWriter) {
        switch self {
        case .began(let height, let time):
            writer.write(UInt8(1))
            writer.write(height)
            writer.write(time)
        case .heard(let message, let time):
            writer.write(UInt8(2))
            writer.write(time)
            writer.write(message)
        case .timeout(let timer, let time):
            writer.write(UInt8(3))
            writer.write(time)
            writer.write(timer)
        case .built(let block, let round, let time):
            writer.write(UInt8(4))
            writer.write(time)
            writer.write(round)
            writer.write(block)
        case .own(let message, let signer, let time):
            writer.write(UInt8(5))
            writer.write(time)
            writer.write(signer)
            writer.write(message)
        case .signer(let signer, let key):
            writer.write(UInt8(6))
            writer.write(key)
            writer.write(optional: signer)
        }
    }

    static func decode(from reader: inout ByteReader) throws(WireError) -> JournalEntry {
        switch try reader.readUInt8() {
        case 1:
            let height = try reader.readUInt64()
            return .began(height, at: try reader.readUInt64())
        case 2:
            let time = try reader.readUInt64()
            return .heard(try reader.read(), at: time)
        case 3:
            let time = try reader.readUInt64()
            return .timeout(try reader.read(), at: time)
        case 4:
            let time = try reader.readUInt64()
            let round = try reader.readUInt32()
            return .built(try reader.read(), round: round, at: time)
        case 5:
            let time = try reader.readUInt64()
            let signer: SignerState = try reader.read()
            return .own(try reader.read(), signer, at: time)
        case 6:
            let key: PublicKey = try reader.read()
            return .signer(try reader.readOptional(), of: key)
        case let tag: throw .unknownTag(UInt64(tag), of: "JournalEntry")
        }
    }
}
