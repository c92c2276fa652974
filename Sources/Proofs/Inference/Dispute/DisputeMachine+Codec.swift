internal import Keys
internal import Models
package import Wire

/// A dispute with the case it is about, as a ledger keeps it between two moves: its own bytes, which nobody else has written.
package struct ConductedDispute: Canonical, Sendable {
    package let dispute: DisputeCase
    package var machine: DisputeMachine

    package init(dispute: DisputeCase, machine: DisputeMachine) {
        self.dispute = dispute
        self.machine = machine
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(dispute)
        writer.write(machine.clock)
        writer.write(UInt32(machine.rounds))
        writer.write(machine.phase)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> ConductedDispute {
        let dispute: DisputeCase = try reader.read()
        guard let layout = dispute.model.layout,
            let statement = DisputeStatement(known: dispute.claim, about: dispute.exchange, layout: layout)
        else { throw .invalid("a dispute about nothing") }
        let clock: DisputeClock = try reader.read()
        let rounds = Int(try reader.readUInt32())
        let machine = DisputeMachine(statement, clock: clock, rounds: rounds, phase: try reader.read())
        return ConductedDispute(dispute: dispute, machine: machine)
    }
}

extension DisputeMachine.Phase: Canonical {
    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .showNode(let descent):
            writer.write(UInt8(0))
            writer.write(descent)
        case .showBoundaries(let position, let leaf):
            writer.write(UInt8(1))
            writer.write(UInt32(position))
            writer.write(leaf)
        case .showBoundary(let position, let root, let descent):
            writer.write(UInt8(2))
            writer.write(UInt32(position))
            writer.write(root)
            writer.write(descent)
        case .showLayer(let position, let layer, let root, let leaf):
            writer.write(UInt8(3))
            writer.write(UInt32(position))
            writer.write(UInt32(layer))
            writer.write(root)
            writer.write(leaf)
        case .showContext(let question, let element):
            writer.write(UInt8(4))
            writer.write(question)
            writer.write(UInt32(element))
        case .showHead(let step):
            writer.write(UInt8(5))
            writer.write(UInt32(step))
        case .prove(let question):
            writer.write(UInt8(6))
            writer.write(question)
        case .pointAtNode(let descent):
            writer.write(UInt8(16))
            writer.write(descent)
        case .pointAtBoundary(let position, let root, let descent):
            writer.write(UInt8(17))
            writer.write(UInt32(position))
            writer.write(root)
            writer.write(descent)
        case .pointAtElement(let question):
            writer.write(UInt8(18))
            writer.write(question)
        case .pointAtEntry(let question, let element, let context):
            writer.write(UInt8(19))
            writer.write(question)
            writer.write(UInt32(element))
            writer.write(rows: context.keys)
            writer.write(rows: context.values)
        case .pointAtLogit(let step, let head):
            writer.write(UInt8(20))
            writer.write(UInt32(step))
            writer.write(head)
        case .nameFault: writer.write(UInt8(21))
        case .ended(let outcome):
            writer.write(UInt8(32))
            writer.write(outcome)
        }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> DisputeMachine.Phase {
        let limit = InferenceRequest.tokenLimit
        func number() throws(WireError) -> Int { Int(try reader.readUInt32()) }
        return switch try reader.readUInt8() {
        case 0: .showNode(try reader.read())
        case 1: .showBoundaries(position: try number(), leaf: try reader.read())
        case 2: .showBoundary(position: try number(), root: try reader.read(), try reader.read())
        case 3:
            .showLayer(
                position: try number(), layer: try number(), root: try reader.read(), leaf: try reader.read())
        case 4: .showContext(try reader.read(), element: try number())
        case 5: .showHead(step: try number())
        case 6: .prove(try reader.read())
        case 16: .pointAtNode(try reader.read())
        case 17: .pointAtBoundary(position: try number(), root: try reader.read(), try reader.read())
        case 18: .pointAtElement(try reader.read())
        case 19:
            .pointAtEntry(
                try reader.read(), element: try number(),
                LayerArithmetic.Context(
                    keys: try reader.readRows(limit: limit), values: try reader.readRows(limit: limit))
            )
        case 20: .pointAtLogit(step: try number(), try reader.read())
        case 21: .nameFault
        case 32: .ended(try reader.read())
        case let tag: throw .unknownTag(UInt64(tag), of: "DisputeMachine.Phase")
        }
    }
}
