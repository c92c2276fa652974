package import Models

extension AnswerVerifier {
    /// What `read` makes of the logits that the tokens of some steps of an answer follow from; a vocabulary of logits at a time.
    /// - Precondition: the answer has these steps.
    package func map<Value>(
        _ exchange: Exchange, _ steps: [Int], _ read: ([Float]) -> Value
    ) throws(ModelError) -> [Value] {
        let start = exchange.request.request.prompt.count - 1
        let capture = StateCapture(boundaries: [rules.layers], positions: start..<exchange.fedTokens.count)
        try transformer.replay(exchange.fedTokens, observers: [capture])
        let states = capture.states(at: rules.layers)
        var values: [Value] = []
        for step in steps {
            for logits in try transformer.logits(of: [states[step]]) { values.append(read(logits)) }
        }
        return values
    }
}
