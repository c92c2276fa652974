/// Labelled images as bytes: a quarter of the memory of floats, and each pixel is exact.
package struct Images: Sendable {
    /// Values of one image.
    package let width: Int
    package let classes: Int
    /// `count × width` bytes, row after row.
    package let pixels: [UInt8]
    /// One byte below `classes` for each image.
    package let labels: [UInt8]

    package var count: Int { labels.count }

    /// - Returns: nil unless there are as many rows of pixels as labels, and each label is below `classes`.
    package init?(width: Int, classes: Int, pixels: [UInt8], labels: [UInt8]) {
        guard width > 0, (1...256).contains(classes), labels.count <= Int(UInt32.max) else { return nil }
        let (expected, overflow) = labels.count.multipliedReportingOverflow(by: width)
        guard !overflow, pixels.count == expected, labels.allSatisfy({ Int($0) < classes }) else { return nil }
        self.width = width
        self.classes = classes
        self.pixels = pixels
        self.labels = labels
    }

    /// The images at `indices`, one a row, as values from 0 to 1: byte × fl(1/255).
    /// - Precondition: each index is below ``count``.
    package func rows(_ indices: some Sequence<UInt32>) -> Tensor {
        var values: [Float] = []
        var count = 0
        for index in indices {
            let start = Int(index) * width
            for pixel in pixels[start..<start + width] { values.append(Float(pixel) * (1 / 255)) }
            count += 1
        }
        return Tensor(shape: [count, width], elements: values)
    }
}
