import Federation
import Keys
import Proofs
import Wire

/// What workers and holders of blobs send: Proofs and Federation.
let learningDecoders: [Decoder] = [
    .canonical("proofs.delta", [delta(.int8), delta(.int16)]),
    .canonical("proofs.update", [update]),
    .canonical("proofs.opening", [SegmentOpening(of: update, segment: 1)].compactMap(\.self)),
    Decoder("proofs.checkpoint", seeds: [checkpoint]) {
        guard let value = try? Checkpoint(canonicalBytes: $0) else { return false }
        precondition(value.canonicalBytes == $0, "the encoding is not the only one")
        return true
    },
    Decoder("proofs.parameters", seeds: [ParameterBytes.encode([1, -2, 0.5])]) {
        guard let values = try? ParameterBytes.decode($0, count: $0.count / 4) else { return false }
        precondition(ParameterBytes.encode(values) == $0, "the encoding is not the only one")
        return true
    },
    .canonical("federation.request", [BlobRequest(digest: .zero, offset: 1 << 20)]),
    .canonical("federation.answer", [BlobAnswer.missing, .chunk(total: 9, bytes: [1, 2, 3])]),
    Decoder("federation.download", seeds: [BlobAnswer.chunk(total: 3, bytes: [1, 2, 3]).canonicalBytes]) {
        guard let answer = try? BlobAnswer(canonicalBytes: $0) else { return false }
        var download = BlobDownload(of: .zero, limit: 1 << 10)
        for _ in 0..<3 { _ = try? download.accept(answer) }
        return true
    },
]

private func delta(_ width: QuantisedDelta.Width) -> QuantisedDelta {
    QuantisedDelta(
        width: width,
        blocks: [
            .init(exponent: -9, values: [1, -2, 127, -127, 0]), .init(exponent: 3, values: []),
            .init(exponent: 0, values: [5]),
        ])
}

private let update = Update(leaves: (0..<5).map { Digest(sha256: [$0]) }, delta: delta(.int8))

/// A residual's digest, then a state of two parameters after three steps.
private let checkpoint: [UInt8] =
    Digest(sha256: [9]).bytes + [2] + ParameterBytes.encode([1, 2]) + ParameterBytes.encode([-1, 0]) + [0, 0, 0, 3]
