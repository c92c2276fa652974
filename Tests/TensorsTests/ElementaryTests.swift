import Foundation
import Tensors
import Testing

@Suite("Elementary functions")
struct ElementaryTests {
    /// Bit patterns at a prime distance over all of them, and the corners.
    private func patterns(stride step: Int) -> [Float] {
        stride(from: 0, through: Int(UInt32.max), by: step).map { Float(bitPattern: UInt32($0)) } + Samples.corners
    }

    @Test("exp and log give the bits of the plain function", arguments: tiers)
    func equalReference(tier: Int) {
        let x = patterns(stride: 4_001)
        let input = Tensor(shape: [x.count], elements: x)
        let exponential = input.exponential(on: Backend.available[tier]).elements
        let logarithm = input.logarithm(on: Backend.available[tier]).elements
        #expect(difference(exponential, x.map(Reference.exponential)) == nil)
        #expect(difference(logarithm, x.map(Reference.logarithm)) == nil)
    }

    @Test("exp is within its stated error of the exact value over its whole range")
    func exponentialError() {
        let x = patterns(stride: 251).filter { $0 > -104 && $0 < 88.72284 }
        let y = Tensor(shape: [x.count], elements: x).exponential().elements
        var worst = (normal: 0.0, denormal: 0.0)
        for (x, y) in zip(x, y) {
            let exact = exp(Double(x))
            let error = abs(Double(y) - exact) / Double(Float(exact).ulp)
            if exact >= Double(Float.leastNormalMagnitude) {
                worst.normal = max(worst.normal, error)
            } else {
                worst.denormal = max(worst.denormal, error)
            }
        }
        #expect(
            worst.normal <= Elementary.exponentialError && worst.denormal <= Elementary.exponentialError, "\(worst)")
    }

    @Test("log is within its stated error of the exact value over its whole range")
    func logarithmError() {
        let x = patterns(stride: 251).filter { $0 > 0 && $0 < .infinity }
        let y = Tensor(shape: [x.count], elements: x).logarithm().elements
        var worst = 0.0
        for (x, y) in zip(x, y) where x != 1 {
            let exact = log(Double(x))
            worst = max(worst, abs(Double(y) - exact) / Double(Float(exact).ulp))
        }
        #expect(worst <= Elementary.logarithmError, "\(worst)")
    }

    @Test("exp and log at the ends of their range", arguments: tiers)
    func ends(tier: Int) {
        let backend = Backend.available[tier]
        func e(_ x: Float) -> Float { Tensor(shape: [1], elements: [x]).exponential(on: backend).elements[0] }
        func l(_ x: Float) -> Float { Tensor(shape: [1], elements: [x]).logarithm(on: backend).elements[0] }
        #expect(e(0) == 1 && e(-0.0) == 1 && e(-.infinity) == 0 && e(.infinity) == .infinity && e(.nan).isNaN)
        #expect(e(88.72284) == .infinity && e(88.72283) < .infinity)
        #expect(e(-103.97207) == .leastNonzeroMagnitude && e(-104) == 0)
        #expect(l(1) == 0 && l(0) == -.infinity && l(-0.0) == -.infinity && l(.infinity) == .infinity)
        #expect(l(-1).isNaN && l(-.infinity).isNaN && l(.nan).isNaN && l(-.leastNonzeroMagnitude).isNaN)
    }
}
