import Foundation
import Tensors
import Testing

@Suite("Rotary tables")
struct RotaryTableTests {
    @Test("the functions of double precision are within their stated error")
    func functions() {
        var worst = (exponential: 0.0, logarithm: 0.0, cosine: 0.0, sine: 0.0)
        for step in 0..<200_000 {
            let angle = Double(step) * 5.2428 + Double(step % 97) * 1e-3, power = Double(step) * 0.006 - 600
            let (cosine, sine) = DoubleFunctions.cosineAndSine(angle)
            worst.cosine = max(worst.cosine, abs(cosine - cos(angle)))
            worst.sine = max(worst.sine, abs(sine - sin(angle)))
            worst.exponential = max(worst.exponential, abs(DoubleFunctions.exponential(power) / exp(power) - 1))
            let x = exp(power)
            worst.logarithm = max(worst.logarithm, abs(DoubleFunctions.logarithm(x) - log(x)) / max(abs(log(x)), 1e-3))
        }
        #expect(worst.exponential < 0x1p-49 && worst.logarithm < 0x1p-49, "\(worst)")
        #expect(worst.cosine < 0x1p-49 && worst.sine < 0x1p-49, "\(worst)")
    }

    @Test("a row holds the cosines and sines of position · base^(−j ÷ pairs)")
    func rows() {
        let table = RotaryTable(pairs: 32, base: 100_000)
        for position in [0, 1, 2, 777, 8191, 131_071] {
            let row = table.row(position: position)
            for j in 0..<32 {
                let angle = Double(position) / pow(100_000, Double(j) / 32)
                #expect(
                    abs(Double(row.cosines[j]) - cos(angle)) < 6.1e-8 && abs(Double(row.sines[j]) - sin(angle)) < 6.1e-8
                )
            }
        }
        let slowed = RotaryTable(pairs: 2, base: 10_000, factors: [1, 8])
        #expect(slowed.frequencies[0] == 1 && abs(slowed.frequencies[1] - 0.01 / 8) < 1e-17)
    }

    @Test("a rotation keeps the length of each pair, adjacent or half a head apart")
    func rotation() {
        let row = RotaryTable(pairs: 4, base: 10).row(position: 3)
        let x: [Float] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
        for interleaved in [true, false] {
            let y = Reference.rotated(x, cosines: row.cosines, sines: row.sines, interleaved: interleaved)
            #expect(y[8...] == x[8...] && y[..<8] != x[..<8])
            for pair in 0..<4 {
                let (a, b) = interleaved ? (2 * pair, 2 * pair + 1) : (pair, pair + 4)
                #expect(abs(y[a] * y[a] + y[b] * y[b] - x[a] * x[a] - x[b] * x[b]) < 1e-4)
            }
        }
    }

    @Test("the gates are x·sigmoid(x) and GELU")
    func gates() {
        for step in -80...80 {
            let x = Float(step) / 8, z = Double(x)
            #expect(abs(Double(Reference.swiGLU(gate: x, up: 2)) - 2 * z / (1 + exp(-z))) < 4e-6)
            let tanhForm = 0.5 * z * (1 + tanh(0.7978845608 * (z + 0.044715 * z * z * z)))
            #expect(abs(Double(Reference.geGLU(gate: x, up: 2)) - 2 * tanhForm) < 4e-6)
        }
    }
}
