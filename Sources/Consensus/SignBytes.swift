package import Keys
internal import Wire

// What validators sign. After the prefix of its purpose, every field has a fixed width or a length:
//
//     type u8 (1 prevote, 2 precommit, 32 proposal) ‖ length of the chain's name u8 ‖ name ‖ height u64 ‖ round u32
//     ‖ polka round i32, −1 for none (proposal only) ‖ has block u8 ‖ block 32 bytes, if it has ‖ validator 32 bytes
//
// Integers are big-endian. The chain keeps votes of one network from another; the validator's account keeps a key that
// two accounts share from speaking for both at once.

extension Purpose {
    package static let vote: Purpose = "consensus/v1/vote"
    package static let proposal: Purpose = "consensus/v1/proposal"
}

extension Vote {
    package func signBytes(chain: ChainID) -> [UInt8] {
        var writer = ByteWriter(capacity: 160)
        writer.write(kind.rawValue)
        writer.write(signed: chain)
        writer.write(height)
        writer.write(round)
        writer.write(optional: block)
        writer.write(voter)
        return writer.bytes
    }
}

extension Proposal {
    package func signBytes(chain: ChainID) -> [UInt8] {
        var writer = ByteWriter(capacity: 160)
        writer.write(UInt8(32))
        writer.write(signed: chain)
        writer.write(height)
        writer.write(round)
        writer.write(polkaRound ?? .max)
        writer.write(true)
        writer.write(block)
        writer.write(proposer)
        return writer.bytes
    }
}

extension ByteWriter {
    fileprivate mutating func write(signed chain: ChainID) {
        write(UInt8(chain.name.utf8.count))  // At most 50.
        writeRaw(chain.name.utf8)
    }
}
