import Keys
import Models
import Proofs
import Testing
import Wire

@Suite struct VerificationTests {
    @Test("honest work passes on every seed, shard, width and number of threads", arguments: 0..<60 as Range<UInt64>)
    func honest(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let epochs = UInt32(1 + dice.next(below: 3))
        let every = UInt32(1 + dice.next(below: 9))
        let bits: UInt8 = dice.next(below: 2) == 0 ? 8 : 16
        let worker = Bench(seed: seed, deltaBits: bits, threads: 1, epochs: epochs, every: every)
        let verifier = Bench(seed: seed, deltaBits: bits, threads: 2, epochs: epochs, every: every)
        var base = worker.base
        var residuals = [Int: [Float]]()
        for round in 0..<3 as Range<UInt32> {
            var contributions: [Aggregation.Contribution] = []
            for place in 0..<3 {
                let task = worker.task(
                    place: place, round: round, seed: dice.next(), base: base, residual: residuals[place])
                let product = try worker.train(task)
                try Evidence(product).audit(task, on: verifier.engine)
                // Trained again after a crash, on another number of threads: the same receipt.
                #expect(try verifier.train(task).receipt == product.receipt)
                residuals[place] = product.residual
                contributions.append(
                    .init(
                        weight: verifier.engine.weight(place: place, round: round), delta: product.update.delta))
            }
            base = try Aggregation.apply(contributions, to: base, tensors: worker.engine.tensors)
        }
    }

    @Test("a flipped bit in any byte of anything that is published is refused", arguments: [8, 16] as [UInt8])
    func everyFlip(bits: UInt8) throws {
        let bench = Bench(seed: 3, deltaBits: bits)
        let task = bench.task(place: 1)
        let honest = Evidence(try bench.train(task))
        try honest.audit(task, on: bench.engine)
        for bit in 0..<honest.update.count * 8 {
            var changed = honest
            changed.update = honest.update.flipping(bit: bit)
            #expect(throws: Verification.Fault.self) { try changed.audit(task, on: bench.engine) }
        }
        for index in honest.checkpoints.indices {
            for byte in honest.checkpoints[index].indices {
                var changed = honest
                changed.checkpoints[index] = honest.checkpoints[index].flipping(bit: byte * 8 + (byte + index) % 8)
                #expect(throws: Verification.Fault.self) { try changed.audit(task, on: bench.engine) }
            }
        }
    }

    @Test("a worker that flips one bit of one checkpoint and commits to it is caught by re-execution")
    func committedFlip() throws {
        let bench = Bench(seed: 4)
        let task = bench.task(place: 0)
        let honest = Evidence(try bench.train(task))
        for index in honest.checkpoints.indices {
            for byte in stride(from: 0, to: honest.checkpoints[index].count, by: 7) {
                var changed = honest
                changed.checkpoints[index] = honest.checkpoints[index].flipping(bit: byte * 8 + byte % 8)
                try changed.recommit()
                #expect(throws: Verification.Fault.self) { try changed.audit(task, on: bench.engine) }
            }
        }
    }

    @Test("a changed value or scale of the delta that the receipt commits to does not follow from the last checkpoint")
    func committedDelta() throws {
        let bench = Bench(seed: 5)
        let task = bench.task(place: 2)
        let product = try bench.train(task)
        for (index, block) in product.update.delta.blocks.enumerated() {
            var forged: [QuantisedDelta.Block] = []
            for place in block.values.indices {
                var values = block.values
                values[place] += values[place] < 127 ? 1 : -1
                forged.append(.init(exponent: block.exponent, values: values))
            }
            forged.append(.init(exponent: block.exponent + 1, values: block.values))
            forged.append(.init(exponent: block.exponent - 1, values: block.values))
            for change in forged {
                var blocks = product.update.delta.blocks
                blocks[index] = change
                var evidence = Evidence(product)
                try evidence.recommit(QuantisedDelta(width: .int8, blocks: blocks))
                #expect(throws: Verification.Fault.output) { try evidence.audit(task, on: bench.engine) }
            }
        }
    }

    @Test("a flipped bit in any field of the receipt is refused")
    func receiptFields() throws {
        let bench = Bench(seed: 6)
        let task = bench.task(place: 0)
        let honest = Evidence(try bench.train(task))
        let bytes = honest.receipt.canonicalBytes
        for bit in 0..<bytes.count * 8 {
            var changed = honest
            changed.receipt = try Receipt(canonicalBytes: bytes.flipping(bit: bit))
            #expect(throws: Verification.Fault.self) { try changed.audit(task, on: bench.engine) }
        }
    }

    @Test("work on another base, residual, seed, shard, round or specification is refused even if consistent")
    func otherTask() throws {
        let bench = Bench(seed: 7)
        let task = bench.task(place: 0)
        var moved = bench.base
        moved[5] = moved[5].nextUp
        var residual = ParameterBytes.zeros(bench.engine.parameterCount)
        residual[9] = .leastNonzeroMagnitude
        let wrong = [
            bench.task(place: 0, base: moved), bench.task(place: 0, residual: residual), bench.task(place: 0, seed: 2),
            bench.task(place: 1), bench.task(place: 0, round: 1),
        ]
        for (index, other) in wrong.enumerated() {
            var evidence = Evidence(try bench.train(other))
            #expect(throws: Verification.Fault.self, "as it is: \(index)") {
                try evidence.audit(task, on: bench.engine)
            }
            // And with a receipt that claims the right things about the wrong work.
            let receipt = evidence.receipt
            evidence.receipt = Receipt(
                job: task.job, round: task.round, worker: task.worker, input: task.model, code: task.specification,
                seed: task.seed, checkpoints: receipt.checkpoints, count: receipt.count, output: receipt.output,
                residual: receipt.residual)
            #expect(throws: Verification.Fault.self, "relabelled: \(index)") {
                try evidence.audit(task, on: bench.engine)
            }
        }
        let longer = Bench(seed: 7, epochs: 3)
        let evidence = Evidence(try longer.train(task))
        #expect(throws: Verification.Fault.receipt) { try evidence.audit(task, on: bench.engine) }
    }

    @Test("dropping, adding or swapping checkpoints is refused")
    func checkpointList() throws {
        let bench = Bench(seed: 8)
        let task = bench.task(place: 0)
        let honest = Evidence(try bench.train(task))
        for index in honest.checkpoints.indices {
            var fewer = honest
            fewer.checkpoints.remove(at: index)
            try fewer.recommit()
            #expect(throws: Verification.Fault.self) { try fewer.audit(task, on: bench.engine) }
            var more = honest
            more.checkpoints.insert(honest.checkpoints[index], at: index)
            try more.recommit()
            #expect(throws: Verification.Fault.self) { try more.audit(task, on: bench.engine) }
            guard index > 0 else { continue }
            var swapped = honest
            swapped.checkpoints.swapAt(index - 1, index)
            try swapped.recommit()
            #expect(throws: Verification.Fault.self) { try swapped.audit(task, on: bench.engine) }
        }
    }

    @Test("an opening holds for its own segment and receipt, and for nothing with one bit changed")
    func openings() throws {
        let bench = Bench(seed: 9)
        let product = try bench.train(bench.task(place: 0))
        let other = try bench.train(bench.task(place: 1)).receipt
        let segments = product.update.leaves.count - 1
        #expect(SegmentOpening(of: product.update, segment: segments) == nil)
        #expect(SegmentOpening(of: product.update, segment: -1) == nil)
        for segment in 0..<segments {
            let opening = try #require(SegmentOpening(of: product.update, segment: segment))
            #expect(opening.verifies(segment: segment, of: product.receipt))
            #expect(!opening.verifies(segment: segment, of: other))
            for wrong in -1...segments where wrong != segment {
                #expect(!opening.verifies(segment: wrong, of: product.receipt))
            }
            let bytes = opening.canonicalBytes
            for bit in 0..<bytes.count * 8 {
                guard let changed = try? SegmentOpening(canonicalBytes: bytes.flipping(bit: bit)) else { continue }
                #expect(!changed.verifies(segment: segment, of: product.receipt), "bit \(bit)")
            }
        }
    }
}
