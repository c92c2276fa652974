internal import Glibc
internal import Tensors

/// The 70,000 images of Fashion-MNIST (Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747), as Debian's `dataset-fashion-mnist`
/// installs them.
package struct FashionMNIST: Sendable {
    /// Where the Debian package puts the files.
    package static let defaultDirectory = "/usr/share/datasets/fashion-mnist"
    package static let classNames = [
        "T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ]
    /// 64 MiB: the largest file is 47,040,016 bytes unpacked.
    private static let sizeLimit = 64 << 20
    private static let side = 28

    /// 60,000 images.
    package let training: Dataset
    /// 10,000 images.
    package let test: Dataset

    /// Reads the four files; takes about half a second.
    package static func load(directory: String = defaultDirectory) throws(ModelError) -> FashionMNIST {
        FashionMNIST(
            training: try part("train", of: directory, count: 60_000),
            test: try part("t10k", of: directory, count: 10_000))
    }

    private static func part(_ name: String, of directory: String, count: Int) throws(ModelError) -> Dataset {
        let pixels = try values(of: "\(directory)/\(name)-images-idx3-ubyte.gz", shape: [count, side, side])
        let labels = try values(of: "\(directory)/\(name)-labels-idx1-ubyte.gz", shape: [count])
        guard
            let images = Images(width: side * side, classes: classNames.count, pixels: pixels, labels: labels)
        else { throw .dataMismatch("a label of \(name) is above \(classNames.count - 1)") }
        return Dataset(images: images)
    }

    private static func values(of path: String, shape: [Int]) throws(ModelError) -> [UInt8] {
        guard let file = Gzip.inflated(try contents(of: path), limit: sizeLimit) else { throw .gzipDamaged(path: path) }
        guard let parsed = IDX.parse(file) else {
            throw .idxDamaged(path: path, reason: "the header does not agree with \(file.count) bytes")
        }
        guard parsed.shape == shape else {
            throw .idxDamaged(path: path, reason: "holds \(parsed.shape), \(shape) was expected")
        }
        return Array(parsed.values)
    }

    private static func contents(of path: String) throws(ModelError) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .fileUnreadable(path: path, errno: errno) }
        defer { close(file) }
        var contents: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = unsafe read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .fileUnreadable(path: path, errno: errno) }
            if count == 0 { return contents }
            guard contents.count + count <= sizeLimit else { throw .fileTooLarge(path: path, limit: sizeLimit) }
            contents += buffer[..<count]
        }
    }
}
