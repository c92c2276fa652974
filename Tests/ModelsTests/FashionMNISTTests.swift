import Foundation
import Keys
import Models
import Tensors
import Testing

@Suite("Fashion-MNIST")
struct FashionMNISTTests {
    @Test("the installed files hold 60,000 and 10,000 images, each class equally often")
    func load() throws {
        let data = try FashionMNIST.load()
        for (part, count) in [(data.training, 60_000), (data.test, 10_000)] {
            #expect(part.count == count && part.images.width == 784 && part.images.classes == 10)
            var classes = [Int](repeating: 0, count: 10)
            for label in part.labels { classes[Int(label)] += 1 }
            #expect(classes == [Int](repeating: count / 10, count: 10))
        }
        #expect(Array(data.training.labels[..<8]) == [9, 0, 0, 3, 0, 2, 7, 2])
        #expect(data.training.digest.description == "ef2306e17f1d1eb7f13882a1d8d6338f1cc68b38bc6ed3bb7a4cb38b8a06204c")
        #expect(data.test.digest.description == "d653c4b751ead293d6ebed7f8e09e38111c935cf9973ead5b4759de986547df0")
    }

    @Test("a missing, truncated, altered or wrong file is named, with what is wrong")
    func hostile() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let images = directory.appendingPathComponent("train-images-idx3-ubyte.gz")
        let path = images.path
        func attempt(_ bytes: [UInt8]?) throws -> ModelError? {
            try? FileManager.default.removeItem(at: images)
            if let bytes { try Data(bytes).write(to: images) }
            do throws(ModelError) { _ = try FashionMNIST.load(directory: directory.path) } catch { return error }
            return nil
        }
        let labels = FashionMNIST.defaultDirectory + "/t10k-labels-idx1-ubyte.gz"
        let good = Array(try Data(contentsOf: URL(fileURLWithPath: labels)))
        #expect(try attempt(nil) == .fileUnreadable(path: path, errno: ENOENT))
        #expect(try attempt([]) == .gzipDamaged(path: path))
        #expect(try attempt(Array(good.dropLast())) == .gzipDamaged(path: path))
        #expect(try attempt(good + [0]) == .gzipDamaged(path: path))
        #expect(
            try attempt(good) == .idxDamaged(path: path, reason: "holds [10000], [60000, 28, 28] was expected"))
        #expect(
            try attempt(GzipSample.notIDX) == .idxDamaged(path: path, reason: "the header does not agree with 25 bytes")
        )
    }
}
