package import Keys
package import Models

extension Exchange {
    /// Everything that can be checked without computing the model: signatures, that the parts belong together, the seed, and that
    /// the answer ends where the rules say. A few milliseconds for any length.
    /// - Parameter rules: of the model that the request names.
    /// - Returns: the first fault in the order of ``InferenceFault``.
    package func fault(under rules: ModelRules) -> InferenceFault? {
        fault(model: rules.root)
            ?? impossibility(vocabulary: rules.vocabulary, contextLength: rules.contextLength) ?? wrongEnd(under: rules)
    }

    /// What of it can be checked by whoever does not even have the model: all but whether the model can compute this, and the end.
    package var faultWithoutModel: InferenceFault? { fault(model: request.request.model) }

    /// What there is to judge about a receipt that the ledger has: request and answer as somebody shows them, under that receipt.
    ///
    /// Whoever shows them can choose nothing: the receipt binds both by their digests, and its signature the ledger has examined.
    /// - Returns: nil when they are not what the receipt is about, or the client did not sign: then nothing was shown.
    package func judged(under recorded: SignedReceipt) -> Exchange? {
        guard request.request.id == recorded.receipt.job, answer.id == recorded.receipt.output, request.isSigned
        else { return nil }
        return Exchange(request: request, answer: answer, receipt: recorded)
    }

    /// What of it can be checked by whoever knows the shape of the model and not its tokeniser: all but whether a token is one that ends texts.
    package func faultWithoutTokenizer(_ shape: TransformerShape) -> InferenceFault? {
        faultWithoutModel ?? impossibility(vocabulary: shape.vocabulary, contextLength: shape.contextLength)
            ?? wrongEnd(contextLength: shape.contextLength)
    }

    private func fault(model: Digest) -> InferenceFault? {
        let request = self.request.request
        guard self.request.isSigned else { return .requestSignature }
        guard receipt.key == request.node, receipt.hasValidSignature else { return .receiptSignature }
        let claim = receipt.receipt
        guard claim.job == request.id else { return .job }
        guard claim.output == answer.id else { return .answer }
        guard claim.worker == request.provider else { return .worker }
        guard claim.round == 0, claim.residual == .zero else { return .form }
        guard claim.input == request.inputDigest else { return .prompt }
        guard claim.code == request.codeDigest, request.model == model else { return .code }
        guard Int(claim.count) == request.prompt.count + answer.output.count - 1 else { return .count }
        return receipt.hasValidSeed ? nil : .seed
    }

    private func impossibility(vocabulary: Int, contextLength: Int) -> InferenceFault? {
        let prompt = request.request.prompt
        let tokens = prompt + answer.output
        if let position = tokens.firstIndex(where: { Int($0) >= vocabulary }) {
            return .impossible(position: position)
        }
        // The last token of an answer is never fed: it needs no place in the context.
        return tokens.count - 1 > contextLength ? .impossible(position: contextLength) : nil
    }

    /// The end, by what the request and the context allow: whichever tokens end a text, an answer does not go on after these, and gives none of
    /// these reasons without it.
    private func wrongEnd(contextLength: Int) -> InferenceFault? {
        for (step, token) in answer.output.enumerated() {
            let stop = StopReason.after(
                token, count: step + 1, prompt: request.request.prompt.count, sampling: request.request.sampling,
                endTokens: [], contextLength: contextLength)
            if step + 1 == answer.output.count {
                if stop != answer.stop, answer.stop != .endOfText { return .stop }
            } else if stop != nil {
                return .continued(step: step)
            }
        }
        return nil
    }

    private func wrongEnd(under rules: ModelRules) -> InferenceFault? {
        for (step, token) in answer.output.enumerated() {
            let stop = StopReason.after(
                token, count: step + 1, prompt: request.request.prompt.count, sampling: request.request.sampling,
                endTokens: rules.endTokens, contextLength: rules.contextLength)
            if step + 1 == answer.output.count {
                if stop != answer.stop { return .stop }
            } else if stop != nil {
                return .continued(step: step)
            }
        }
        return nil
    }
}
