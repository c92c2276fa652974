import Foundation
import Keys
import Models
import Proofs
import Tensors
import Testing
import Wire

@Suite struct DisputeTests {
    private let model: LanguageModel
    private let layout: ModelLayout
    private let honest: Transformer

    init() throws {
        model = try TinyModel.model()
        layout = try ModelLayout(model)
        honest = try Transformer(model, arithmetic: .int8, threads: 1)
    }

    private func hand(_ exchange: Exchange, _ transformer: Transformer) throws -> DisputeHand {
        try DisputeHand(
            job: exchange.request.request.id, tokens: exchange.fedTokens, transformer: transformer, layout: layout,
            rows: FileRows(try transformer.model.weightTree))
    }

    /// Rows of the model that was named: nobody can prove others.
    private func weights(_ tensor: String, _ row: Int) -> WeightProof? {
        guard let tree = try? model.weightTree, let leaf = tree.identity.tensors.first(where: { $0.name == tensor })
        else { return nil }
        return try? tree.proof(tensor: tensor, chunk: row / leaf.rowsPerChunk)
    }

    private func dispute(_ exchange: Exchange, _ claim: DisputeStatement.Claim = .transcript) throws -> DisputeMachine {
        let statement = try #require(
            DisputeStatement(claim, about: exchange, rules: TinyModel.rules, layout: layout))
        return DisputeMachine(statement, budget: 100, at: 10)
    }

    /// The case whose statement the dispute has.
    private func dispute(about machine: DisputeMachine) throws -> DisputeCase {
        let statement = machine.statement
        let request = Sample.tiny(
            prompt: Array(statement.tokens.prefix(statement.tokens.count - statement.output.count + 1)),
            temperature: statement.sampling.temperature, maximumTokens: statement.sampling.maximumTokens)
        let exchange = Exchange(
            request: SignedRequest(request, by: Sample.client),
            answer: try #require(Answer(output: statement.output, stop: .length)),
            receipt: .sign(
                statement.receipt, seedProof: InferenceSeed(job: request.id, by: Sample.node).proof, with: Sample.node))
        return DisputeCase(claim: statement.claim, exchange: exchange, model: try ModelDescription(model))
    }

    /// Plays to the end; a side that has nothing to say lets its clock run out.
    private func play(
        _ machine: DisputeMachine, provider: (DisputeMachine) throws -> DisputeMove?,
        challenger: (DisputeMachine) throws -> DisputeMove?
    ) throws -> DisputeMachine {
        var machine = machine
        let kept = try dispute(about: machine)
        var height: UInt64 = 10
        while let turn = machine.turn {
            height += 1
            if let move = try turn == .provider ? provider(machine) : challenger(machine) {
                // As the other side and the referee read it.
                let read = try DisputeMove(canonicalBytes: move.canonicalBytes)
                #expect(read == move)
                _ = machine.step(.move(turn, read), at: height)
            } else {
                _ = machine.step(.height, at: 1_000)
            }
            // As a ledger keeps it until the next move.
            let conducted = ConductedDispute(dispute: kept, machine: machine)
            let read = try ConductedDispute(canonicalBytes: conducted.canonicalBytes)
            #expect(read.machine.phase == machine.phase && read.machine.clock == machine.clock)
            #expect(read.canonicalBytes == conducted.canonicalBytes && read.machine.rounds == machine.rounds)
        }
        #expect(machine.rounds <= machine.statement.roundLimit)
        return machine
    }

    @Test("a model whose file was changed proves nothing, answers as before, and goes on with the file of a copy")
    func damagedFile() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: url) }
        try TinyModel.write(to: url)
        let own = try LanguageModel.open(url.path)
        let transformer = try Transformer(own, arithmetic: .int8, threads: 1)
        let request = Sample.tiny(prompt: [5, 40], maximumTokens: 9)
        let exchange = try TestProvider(transformer).answer([request])[0]
        let tensor = "blk.1.attn_k.weight"
        let row = try #require(FileRows(try own.weightTree).row(3, of: tensor))
        let proof = try own.weightTree.proof(tensor: tensor, chunk: 0)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: url.path)
        #expect(!own.isWhole)
        #expect(FileRows(try own.weightTree).row(3, of: tensor) == nil)
        #expect(throws: ModelError.fileChanged(path: url.path)) {
            try own.weightTree.proof(tensor: tensor, chunk: 0)
        }
        // What it answers comes from memory, and is what it was.
        #expect(try TestProvider(transformer).answer([request])[0].receipt == exchange.receipt)
        #expect(throws: ModelError.inputMismatch("the file of another model")) {
            try own.takeFile(of: try TinyModel.model(TinyModel.tensors(seed: 2)))
        }
        try own.takeFile(of: model)
        #expect(own.isWhole)
        let again = try #require(FileRows(try own.weightTree).row(3, of: tensor))
        #expect(again.bytes == row.bytes && again.type == row.type)
        #expect(try own.weightTree.proof(tensor: tensor, chunk: 0) == proof)
    }

    private func play(_ machine: DisputeMachine, _ provider: DisputeHand, _ challenger: DisputeHand) throws
        -> DisputeMachine
    {
        try play(
            machine, provider: { try provider.show(in: $0, weights: weights) },
            challenger: { try challenger.reply(in: $0) })
    }

    @Test(
        "a transcript of a model that differs in one tensor loses by the recomputation of one number, whichever tensor it is"
    )
    func everyTensor() throws {
        let tensors = TinyModel.tensors()
        for index in tensors.indices where tensors[index].name != "output_norm.weight" {
            var changed = tensors
            let embedding = tensors[index].name == "token_embd.weight"
            let row = tensors[index].bytes.count / TinyModel.vocabulary
            let bit = embedding ? row * 8 * 40 + 5 : tensors[index].type == .float32 ? 22 : 5
            changed[index] = tensors[index].flipping(bit: bit)
            let cheat = try TinyModel.transformer(changed)
            let exchange = try TestProvider(cheat).answer([Sample.tiny(maximumTokens: 9)])[0]
            let end = try play(dispute(exchange), hand(exchange, cheat), hand(exchange, honest))
            #expect(end.outcome == .init(winner: .challenger, reason: .recomputed), "\(tensors[index].name)")
            // And the other way round: who accuses an honest provider with that model loses.
            let right = try TestProvider(honest).answer([Sample.tiny(maximumTokens: 9)])[0]
            let defence = try play(dispute(right), hand(right, honest), hand(right, cheat))
            #expect(defence.outcome == .init(winner: .provider, reason: .recomputed), "\(tensors[index].name)")
        }
    }

    @Test(
        "the bound on rounds holds for every length, and is reached where the tree is full",
        arguments: [1, 2, 3, 7, 31, 32, 33, 120, 200])
    func bound(length: Int) throws {
        let cheat = try TinyModel.transformer(TinyModel.tensors(seed: 2))
        let exchange = try TestProvider(cheat).answer([Sample.tiny(prompt: [5], maximumTokens: UInt32(length))])[0]
        let end = try play(dispute(exchange), hand(exchange, cheat), hand(exchange, honest))
        #expect(end.outcome?.winner == .challenger)
        func logarithm(_ n: Int) -> Int { (0...).first { 1 << $0 >= n }! }
        let positions = exchange.fedTokens.count
        let bound = logarithm(positions) + logarithm(TinyModel.layers * layout.operators.count)
        #expect(layout.operators.count == 15 && end.statement.roundLimit == bound)
        // The first position differs at its embedding: down the left edge of both trees, which is the longest way.
        #expect(end.rounds == logarithm(positions) + logarithm(TinyModel.layers + 1))
    }

    @Test("who disputes an honest answer with the same computation has nothing to point at, and loses by the clock")
    func groundless() throws {
        let exchange = try TestProvider(honest).answer([Sample.tiny(maximumTokens: 9)])[0]
        let own = try hand(exchange, honest)
        #expect(try play(dispute(exchange), own, own).outcome == .init(winner: .provider, reason: .late))
        let token = try play(dispute(exchange, .token(step: 3)), own, own)
        #expect(token.outcome == .init(winner: .provider, reason: .recomputed) && token.rounds == 1)
    }

    @Test(
        "a token that the logits do not choose, and logits that the state does not give, lose",
        arguments: [0, 900] as [UInt32])
    func tokens(temperature: UInt32) throws {
        let request = Sample.tiny(temperature: temperature, maximumTokens: 8)
        let laundered = try TestProvider(honest).answer([request]) { $0 == 5 ? ($1 == 60 ? 61 : 60) : $1 }[0]
        let own = try hand(laundered, honest)
        let end = try play(dispute(laundered, .token(step: 5)), own, own)
        #expect(end.outcome == .init(winner: .challenger, reason: .recomputed))
        // The cheat shows logits that would choose its token.
        let liar = try play(
            dispute(laundered, .token(step: 5)),
            provider: { machine in
                guard case .head(let head) = try own.show(in: machine, weights: weights) else {
                    return try own.show(in: machine, weights: weights)
                }
                var logits = head.logits.map { $0 - 1_000 }
                logits[Int(laundered.answer.output[5])] = 1_000
                return .head(HeadTrace(state: head.state, proof: head.proof, logits: logits))
            }, challenger: { try own.reply(in: $0) })
        #expect(liar.outcome == .init(winner: .challenger, reason: .recomputed))
        for step in laundered.answer.output.indices where step != 5 {
            #expect(try play(dispute(laundered, .token(step: step)), own, own).outcome?.winner == .provider)
        }
        // An honest provider against one whose model has another head.
        let right = try TestProvider(honest).answer([request])[0]
        let other = try hand(right, try TinyModel.transformer(TinyModel.tensors(seed: 5)))
        let defence = try play(dispute(right, .token(step: 2)), try hand(right, honest), other)
        #expect(defence.outcome == .init(winner: .provider, reason: .recomputed))
    }

    @Test(
        "an operator that was changed by itself, weights or not, loses by that operator",
        arguments: LayerOperator.allCases)
    func everyOperator(part: LayerOperator) throws {
        guard layout.operators.contains(part) else { return }
        let exchange = try TestProvider(honest).answer([Sample.tiny(maximumTokens: 9)])[0]
        let own = try hand(exchange, honest)
        let liar = try LyingProvider(own, exchange, layer: 2, position: 6, altering: part)
        let machine = try dispute(liar.exchange)
        let end = try play(
            machine, provider: { try liar.show(in: $0, weights: weights) },
            challenger: { try hand(liar.exchange, honest).reply(in: $0) })
        #expect(end.outcome == .init(winner: .challenger, reason: .recomputed))
    }

    @Test("a key or value of an earlier position that was changed to fit loses by that number")
    func context() throws {
        let exchange = try TestProvider(honest).answer([Sample.tiny(maximumTokens: 9)])[0]
        for isValue in [false, true] {
            for index in [0, 5, 15] {
                let liar = try LyingProvider(
                    try hand(exchange, honest), exchange, layer: 1, position: 7, altering: .attention,
                    entry: (3, isValue, index))
                let end = try play(
                    dispute(liar.exchange), provider: { try liar.show(in: $0, weights: weights) },
                    challenger: { try hand(liar.exchange, honest).reply(in: $0) })
                #expect(end.outcome == .init(winner: .challenger, reason: .recomputed))
                // A challenger that points at an entry of an honest provider loses.
                let wrong = try play(
                    dispute(exchange), provider: { try hand(exchange, honest).show(in: $0, weights: weights) },
                    challenger: { machine in
                        switch machine.phase {
                        case .pointAtNode, .pointAtBoundary: .right
                        case .pointAtElement: .element(.attention, 20)
                        case .pointAtEntry: .entry(position: 2, isValue: isValue, index: UInt32(index))
                        default: nil
                        }
                    })
                #expect(wrong.outcome == .init(winner: .provider, reason: .recomputed))
            }
        }
    }

    @Test("whoever is late, or sends anything but what is due, has lost; what is sent out of turn is nothing")
    func griefers() throws {
        let cheat = try TinyModel.transformer(TinyModel.tensors(seed: 2))
        let exchange = try TestProvider(cheat).answer([Sample.tiny(maximumTokens: 9)])[0]
        let (provider, challenger) = (try hand(exchange, cheat), try hand(exchange, honest))
        let noise: [DisputeMove] = [
            .halves(.init(left: .zero, right: .zero)),
            .boundaries(root: .zero, .init(left: .zero, right: .zero)),
            .trace(LayerTrace(input: [1], path: InclusionProof(index: 0, total: 1, path: []), outputs: [])),
            .context(keys: [], values: []), .evidence(DisputeEvidence(weights: [])),
            .head(
                HeadTrace(
                    state: [],
                    proof: StateProof(
                        boundary: InclusionProof(index: 0, total: 0, path: []),
                        position: InclusionProof(index: 0, total: 0, path: [])), logits: [])),
            .element(.output, 1 << 30), .element(.queryNorm, 0), .entry(position: 1 << 30, isValue: true, index: 0),
            .logit(.max),
        ]
        for claim in [DisputeStatement.Claim.transcript, .token(step: 4)] {
            var machine = try dispute(exchange, claim)
            var height: UInt64 = 10
            while let turn = machine.turn {
                height += 3
                for move in noise {
                    var copy = machine
                    #expect(copy.step(.move(turn.other, move), at: height) == [])
                    #expect(copy.phase == machine.phase)
                    let effects = copy.step(.move(turn, move), at: height)
                    #expect(
                        effects == [.ended(.init(winner: turn.other, reason: .malformed))], "\(machine.phase) \(move)")
                    #expect(copy.step(.height, at: .max) == [])
                }
                var late = machine
                let deadline = machine.clock.deadline(of: turn)
                #expect(late.step(.height, at: deadline) == [])
                #expect(late.step(.height, at: deadline + 1) == [.ended(.init(winner: turn.other, reason: .late))])
                let move = try #require(
                    try turn == .provider
                        ? provider.show(in: machine, weights: weights) : challenger.reply(in: machine))
                var tooLate = machine
                #expect(
                    tooLate.step(.move(turn, move), at: deadline + 1).first
                        == .ended(.init(winner: turn.other, reason: .late)))
                _ = machine.step(.move(turn, move), at: height)
            }
            #expect(machine.outcome?.winner == .challenger)
        }
    }

    @Test("the clocks of both sides bound the whole dispute, whatever the number of moves")
    func clocks() {
        var clock = DisputeClock(budget: 20, at: 100)
        #expect(clock.deadline(of: .provider) == 120)
        clock.press(.provider, at: 115)
        #expect(clock.deadline(of: .challenger) == 135)
        clock.press(.challenger, at: 135)
        #expect(clock.deadline(of: .provider) == 140 && clock.challenger == 0)
        clock.press(.provider, at: 136)
        #expect(clock.deadline(of: .challenger) == 136)
        #expect(DisputeClock(budget: .max, at: 9).deadline(of: .provider) == .max)
    }

    @Test("an answer with a fault that everybody sees is not disputed, nor a step that it has not")
    func statements() throws {
        let exchange = try TestProvider(honest).answer([Sample.tiny(maximumTokens: 4)])[0]
        func statement(_ claim: DisputeStatement.Claim, _ exchange: Exchange) -> DisputeStatement? {
            DisputeStatement(claim, about: exchange, rules: TinyModel.rules, layout: layout)
        }
        #expect(statement(.transcript, exchange) != nil && statement(.token(step: 3), exchange) != nil)
        #expect(statement(.token(step: 4), exchange) == nil && statement(.token(step: -1), exchange) == nil)
        let short = Exchange.signed(
            exchange.request.request, output: [7], stop: .length, transcript: .zero)
        #expect(statement(.transcript, short) == nil)
    }
}
