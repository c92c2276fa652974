// swift-tools-version: 6.2
import PackageDescription

// Measures the modules of the parent package. They are `package` inside, so this package builds the same sources (by links)
// instead of depending on the other package; that also keeps the network libraries out of this build.

let strict: [SwiftSetting] = [
    .strictMemorySafety(), .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"), .enableUpcomingFeature("ImmutableWeakCaptures"),
]

func module(_ name: String, _ imports: Target.Dependency...) -> Target {
    .target(name: name, dependencies: imports, swiftSettings: strict)
}

let package = Package(
    name: "banyan-benchmarks",
    targets: [
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "Kernels"),
        module("Wire"), module("Keys", "CCrypto", "CSodium", "Kernels", "Wire"), module("Tensors", "Kernels"),
        module("Models", "CZlib", "Keys", "Tensors", "Wire"), module("Proofs", "Keys", "Models", "Tensors", "Wire"),
        module("InferenceWire", "Keys", "Models", "Proofs", "Wire"),
        .executableTarget(
            name: "numerics", dependencies: ["Keys", "Models", "Tensors", "Wire"], path: "Sources/Numerics",
            swiftSettings: strict),
        .executableTarget(
            name: "verification", dependencies: ["InferenceWire", "Keys", "Models", "Proofs", "Wire"], path: "Sources/Verification",
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
