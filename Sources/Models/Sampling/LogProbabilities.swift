internal import Tensors

/// The logarithms of the probabilities that logits stand for, in the order of the vocabulary.
///
/// Every step is one that IEEE 754 defines, in one order: the same bits on every machine.
package func logProbabilities(_ logits: [Float]) -> [Float] {
    let largest = logits.max() ?? 0
    let sum = logits.reduce(0.0) { $0 + Double(Reference.exponential($1 - largest)) }
    let total = Reference.logarithm(Float(sum))
    return logits.map { $0 - largest - total }
}
