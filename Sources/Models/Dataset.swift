package import Keys
package import Tensors
internal import Wire

/// Labelled images and the digest that names them.
package struct Dataset: Sendable {
    package let images: Images
    /// Names width, classes, every pixel and every label, in this order of samples.
    package let digest: Digest

    package var count: Int { images.count }
    package var labels: [UInt8] { images.labels }

    package init(images: Images) {
        self.images = images
        var writer = ByteWriter()
        writer.write(UInt32(images.width))
        writer.write(UInt32(images.classes))
        writer.write(UInt32(images.count))
        writer.write(Digest(sha256: images.pixels))
        writer.write(Digest(sha256: images.labels))
        digest = Digest(of: writer.bytes, domain: "dataset")
    }

    /// Classes that a seeded generator draws as blurred spots with noise: for tests and measurements without any file.
    package static func synthetic(count: Int, width: Int, classes: Int, seed: UInt64) -> Dataset {
        precondition(
            count >= 0 && width > 0 && (1...256).contains(classes), "no data of \(count)×\(width), \(classes) classes")
        var generator = SeededGenerator(seed: seed)
        let patterns = (0..<classes * width).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 57) }
        var pixels: [UInt8] = []
        var labels: [UInt8] = []
        pixels.reserveCapacity(count * width)
        for _ in 0..<count {
            let label = Int(generator.next(below: UInt64(classes)))
            labels.append(UInt8(label))
            for pixel in 0..<width {
                pixels.append(patterns[label * width + pixel] + UInt8(truncatingIfNeeded: generator.next() >> 57))
            }
        }
        return Dataset(images: Images(width: width, classes: classes, pixels: pixels, labels: labels)!)
    }

    func requireFit(_ network: MLP) throws(ModelError) {
        guard network.layers[0] == images.width, network.layers[network.layers.count - 1] >= images.classes else {
            throw .dataMismatch(
                "images of \(images.width) pixels in \(images.classes) classes, layers \(network.layers)")
        }
    }
}
