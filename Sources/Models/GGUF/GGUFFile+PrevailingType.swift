internal import Tensors

extension GGUFFile {
    /// The name of the type that takes most of the file; nil when there is no tensor.
    package var prevailingType: String? {
        var sizes: [WeightType: Int] = [:]
        for tensor in tensors.values { sizes[tensor.type, default: 0] += tensor.rows * tensor.rowBytes }
        return sizes.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key.name
    }
}
