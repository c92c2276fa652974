import API
import Federation
import Keys
import Models

/// The data sets this machine has: Fashion-MNIST, read when a job first needs it.
actor LocalDatasets: TrainingData {
    private let directory: String
    private var fashionMNIST: FashionMNIST?

    init(directory: String) { self.directory = directory }

    func dataset(_ digest: Digest) async throws -> (train: Dataset, test: Dataset) {
        let data = try fashionMNIST ?? FashionMNIST.load(directory: directory)
        fashionMNIST = data
        guard data.training.digest == digest else {
            throw Problem(
                "unknown-dataset", status: 404, "No data set here has the digest \(digest).",
                remedy: "Fashion-MNIST in '\(directory)' has \(data.training.digest).")
        }
        return (data.training, data.test)
    }
}
