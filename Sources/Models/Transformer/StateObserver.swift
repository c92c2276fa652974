/// Sees every state of every position that a transformer computes; proofs are made of them.
package protocol StateObserver: AnyObject {
    /// Called on the thread that runs the pass, for every position fed and every boundary from 0 to the number of layers, each
    /// position's boundaries in rising order.
    /// - Parameters:
    ///   - piece: index of the sequence in the pass.
    ///   - position: of the token in its sequence, from 0.
    ///   - boundary: 0 = the embedding, l = the output of layer l (1…layers), before the final norm.
    ///   - state: lent for the call only.
    func observe(piece: Int, position: Int, token: TokenID, boundary: Int, state: UnsafeBufferPointer<Float>)
}
