internal import Tensors

/// Cosines and sines of all positions so far.
@safe final class RotaryCache {
    private let table: RotaryTable
    let pairs: Int
    private var memory = Floats(0)
    private var positions = 0

    init(_ shape: TransformerShape, factors: [Float]) {
        pairs = shape.ropeWidth / 2
        let scaled = (0..<pairs).map { (factors.isEmpty ? 1 : factors[$0]) * Float(shape.ropeScale) }
        table = RotaryTable(pairs: pairs, base: shape.ropeBase, factors: scaled)
    }

    /// Makes the tables of the positions before `count`.
    func reserve(_ count: Int) {
        guard count > positions else { return }
        let larger = Floats(max(count, positions * 2, 64) * pairs * 2)
        unsafe larger.base.update(from: memory.base, count: positions * pairs * 2)
        let end = larger.count / (pairs * 2)
        for position in positions..<end {
            let row = table.row(position: position)
            for pair in 0..<pairs {
                unsafe larger.base[position * pairs * 2 + pair] = row.cosines[pair]
                unsafe larger.base[position * pairs * 2 + pairs + pair] = row.sines[pair]
            }
        }
        memory = larger
        positions = end
    }

    func cosines(_ position: Int) -> UnsafePointer<Float> { unsafe UnsafePointer(memory.base + position * pairs * 2) }
    func sines(_ position: Int) -> UnsafePointer<Float> { unsafe cosines(position) + pairs }
}
