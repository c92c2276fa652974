/// Why a model, a data set or a training run cannot be had.
package enum ModelError: Error, Hashable, Sendable {
    /// Widths that make no network: fewer than two, zero, or more parameters than ``MLP/parameterLimit``.
    case layers([Int])
    case fileUnreadable(path: String, errno: Int32)
    case fileTooLarge(path: String, limit: Int)
    /// Not a complete gzip stream, or one whose checksum differs.
    case gzipDamaged(path: String)
    /// Not the IDX file that was expected.
    case idxDamaged(path: String, reason: String)
    /// The images do not go with the labels, or with the network.
    case dataMismatch(String)
    /// A value of a training specification outside its bounds.
    case specification(String)
    /// A GGUF file, or a value in it, that cannot be used.
    case gguf(path: String, reason: String)
    /// The file was written to or cut while it was in use; open it again.
    case fileChanged(path: String)
    /// More positions than the sequence may have.
    case contextFull(positions: Int, limit: Int)
    case unknownToken(TokenID, vocabulary: Int)
    /// States or caches that do not go with the model, or with each other.
    case inputMismatch(String)
    /// A state is infinite, not a number, or too large to be normalised: the weights are damaged or overflow.
    case notFinite(layer: Int, position: Int)
    /// The file's chat template cannot be used, or does not take these messages in this order.
    case chatTemplate(String)
    /// Answers of this model cannot be kept to a grammar.
    case constraint(String)
}
