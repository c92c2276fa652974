import Keys
import Ledger
import Testing
import Wire

@Suite struct TreeTests {
    private func path(_ number: UInt64) -> Digest { Digest(sha256: number.canonicalBytes) }

    /// The root by the rules, without the tree: sorts, then splits bit by bit.
    private func reference(_ entries: [(path: Digest, value: [UInt8])], depth: Int = 0) -> (root: Digest, isLeaf: Bool)
    {
        if entries.isEmpty { return (.zero, false) }
        if entries.count == 1 {
            let hash = Digest(sha256: [0] + entries[0].path.bytes + Digest(sha256: entries[0].value).bytes)
            return (hash, true)
        }
        let isRight = { (path: Digest) in path.bytes[depth / 8] >> UInt8(7 - depth % 8) & 1 == 1 }
        let left = reference(entries.filter { !isRight($0.path) }, depth: depth + 1)
        let right = reference(entries.filter { isRight($0.path) }, depth: depth + 1)
        if left.root == .zero, right.isLeaf { return right }
        if right.root == .zero, left.isLeaf { return left }
        return (Digest(sha256: [1] + left.root.bytes + right.root.bytes), false)
    }

    @Test("the empty tree has the root zero, a single leaf is the root")
    func smallest() {
        #expect(StateTree().root == .zero)
        let one = StateTree().applying([StateTree.Change(path: path(1), value: [7])])
        #expect(one.root == reference([(path(1), [7])]).root)
        #expect(one.applying([StateTree.Change(path: path(1), value: nil)]).root == .zero)
    }

    @Test(
        "history leaves no trace: any order of inserts, updates and deletes gives the root of the set",
        arguments: 0..<60 as Range<UInt64>)
    func historyIndependence(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var model: [Digest: [UInt8]] = [:]
        var tree = StateTree()
        for _ in 0..<40 {
            var batch: [Digest: [UInt8]?] = [:]
            for _ in 0..<Int(random.next(below: 12)) {
                // Few keys, some with a long common prefix, so that subtrees collapse and grow again.
                var bytes = path(random.next(below: 24)).bytes
                if random.next(below: 3) == 0 {
                    bytes = [UInt8](repeating: 0xa5, count: 31) + [UInt8(random.next(below: 8))]
                }
                let value: [UInt8]? = random.next(below: 3) == 0 ? nil : [UInt8(random.next(below: 4))]
                batch[Digest(bytes: bytes)!] = .some(value)
            }
            for (path, value) in batch { model[path] = value }
            tree = tree.applying(batch.map { StateTree.Change(path: $0.key, value: $0.value) })
            let sorted = model.sorted { $0.key < $1.key }.map { (path: $0.key, value: $0.value) }
            #expect(tree.root == reference(sorted).root)
        }
        let bulk = StateTree().applying(model.map { StateTree.Change(path: $0.key, value: $0.value) })
        #expect(bulk.root == tree.root)
        var count = 0
        tree.forEach { path, value in
            #expect(model[path] == value)
            count += 1
        }
        #expect(count == model.count)
        for (path, value) in model { #expect(tree[path] == value) }
    }

    @Test("deleting in any order ends at the root zero, and a copy keeps what it was")
    func deletion() {
        var random = SeededGenerator(seed: 5)
        var paths = (0..<200).map { path($0) }
        let full = StateTree().applying(paths.map { StateTree.Change(path: $0, value: [1]) })
        let root = full.root
        paths.shuffle(using: &random)
        var tree = full
        for path in paths { tree = tree.applying([StateTree.Change(path: path, value: nil)]) }
        #expect(tree.root == .zero)
        #expect(full.root == root)
    }
}

@Suite struct StateProofTests {
    private func state() throws -> TestLedger {
        var ledger = try TestLedger.training()
        try ledger.sendReceipts()
        return ledger
    }

    private var keys: [StateKey] {
        let stranger = AccountID(TestLedger.key("stranger", 0).publicKey)
        return [
            .account(AccountID(TestLedger.key("root", 3).publicKey)), .account(stranger), .openJobs, .treasury,
            .nonce(TestLedger.key("root", 6).publicKey), .maturing(height: 3), .totals,
        ]
    }

    @Test("a proof shows a record or its absence against the root alone, after a trip over the wire")
    func proves() throws {
        let ledger = try state()
        var present = 0
        for key in keys {
            let proof = try StateProof(canonicalBytes: ledger.state.prove(key).canonicalBytes)
            let value = try proof.verify(key, root: ledger.state.root)
            #expect(value == ledger.state.tree[key.path])
            if value != nil { present += 1 }
        }
        #expect(present == 4)
        let bytes = try ledger.state.prove(keys[0]).verify(keys[0], root: ledger.state.root)
        #expect(try Account(canonicalBytes: bytes!) == ledger.account(3))
    }

    @Test("a proof shows nothing for another key, another root or another state")
    func mismatch() throws {
        var ledger = try state()
        let old = ledger.state
        try ledger.block([(3, .transfer(to: ledger.id(4), amount: Amount(seeds: 1)))])
        for key in keys {
            let proof = old.prove(key)
            #expect(throws: StateProof.Failure.self) { try proof.verify(key, root: ledger.state.root) }
        }
        let proof = old.prove(keys[0])
        #expect(throws: StateProof.Failure.self) { try proof.verify(.account(ledger.id(4)), root: old.root) }
    }

    @Test("every flipped bit of a proof, and every truncation, is refused")
    func everyBit() throws {
        let ledger = try state()
        for key in keys {
            let bytes = ledger.state.prove(key).canonicalBytes
            for bit in 0..<bytes.count * 8 {
                var wrong = bytes
                wrong[bit / 8] ^= 1 << UInt8(bit % 8)
                guard let proof = try? StateProof(canonicalBytes: wrong) else { continue }
                #expect(throws: StateProof.Failure.self) { try proof.verify(key, root: ledger.state.root) }
            }
            for length in 0..<bytes.count {
                #expect(throws: WireError.self) { try StateProof(canonicalBytes: Array(bytes[..<length])) }
            }
        }
    }
}
