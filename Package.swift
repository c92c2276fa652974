// swift-tools-version: 6.2
import PackageDescription

// One line a module; imports point down only. `Scripts/check-imports` compares these lines with the sources.

let strict: [SwiftSetting] = [
    .strictMemorySafety(), .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"), .enableUpcomingFeature("ImmutableWeakCaptures"),
]

func module(_ name: String, _ imports: Target.Dependency...) -> [Target] {
    [.target(name: name, dependencies: imports, swiftSettings: strict)]
}

func tests(_ name: String, _ imports: Target.Dependency...) -> [Target] {
    [.testTarget(name: name + "Tests", dependencies: [.target(name: name)] + imports, swiftSettings: strict)]
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let systemLibraries: [Target] = [
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
]

let modules: [[Target]] = [
    // 1
    module("Wire"), tests("Wire"),
    module("Jinja"), tests("Jinja"),
    [.target(name: "Kernels")],
    // 2
    module("Keys", "CCrypto", "CSodium", "Kernels", "Wire"), tests("Keys", "Wire"),
    module("Tensors", "Kernels"), tests("Tensors", "Kernels"),
    // 3
    module("Transport", "CSodium", "Keys", "Wire", logging, nioCore, nioPosix),
    tests("Transport", "Keys", "Wire", logging, nioCore, nioPosix),
    module("Store", "Keys", "Wire"), tests("Store", "Keys", "Simulation", "Wire"),
    module("Consensus", "Keys", "Wire"), tests("Consensus", "Keys", "Simulation", "Wire"),
    module("Ledger", "Keys", "Wire"), tests("Ledger", "Keys", "Wire"),
    module("Models", "CZlib", "Jinja", "Keys", "Tensors", "Wire"), tests("Models", "Keys", "Tensors", "Wire"),
    module("API"), tests("API"),
    module("Simulation", "Keys", "Store", "Wire"), tests("Simulation", "Keys", "Store", "Wire"),
    // 4
    module("Swarm", "Keys", "Transport", "Wire", lifecycle, logging, nioCore, nioPosix),
    tests("Swarm", "Keys", "Simulation", "Transport", "Wire", logging),
    module("Proofs", "Keys", "Models", "Tensors", "Wire"), tests("Proofs", "Keys", "Models", "Tensors", "Wire"),
    module("Gateway", "API", hummingbird, lifecycle, logging), tests("Gateway", "API", hummingbird, lifecycle, logging),
    // 5
    module("Gossip", "Keys", "Swarm", "Transport", "Wire", lifecycle, logging),
    tests("Gossip", "Keys", "Simulation", "Swarm", "Transport", "Wire", lifecycle, logging),
    module(
        "Inference", "Keys", "Ledger", "Models", "Proofs", "Store", "Swarm", "Tensors", "Transport", "Wire", lifecycle,
        logging),
    tests(
        "Inference", "Keys", "Ledger", "Models", "Proofs", "Simulation", "Store", "Swarm", "Transport", "Wire",
        lifecycle, logging),
    // 6
    module("Chain", "Consensus", "Keys", "Ledger", "Store", "Wire", lifecycle, logging),
    tests("Chain", "Consensus", "Keys", "Ledger", "Simulation", "Store", "Wire", logging),
    module("Federation", "Keys", "Ledger", "Models", "Proofs", "Wire", lifecycle, logging),
    tests("Federation", "Keys", "Ledger", "Models", "Proofs", "Wire", logging),
    // 7
    module(
        "Node", "API", "Chain", "Consensus", "Federation", "Gateway", "Gossip", "Inference", "Keys", "Ledger", "Models",
        "Proofs", "Store", "Swarm", "Transport", "Wire", lifecycle, logging, unixSignals),
    module("BanyanKit", "API", "Chain", "Consensus", "Keys", "Ledger", "Swarm", "Wire", logging),
    tests("Node", "API", "Keys", "Ledger", "Models", "Proofs", "Store", "Tensors", "Wire", logging),
    // 8
    [
        .executableTarget(
            name: "banyan",
            dependencies: [
                "API", "BanyanKit", "Chain", "Gossip", "Keys", "Ledger", "Models", "Node", "Proofs", "Swarm",
                "Transport",
                "Wire", argumentParser, httpClient, lifecycle, logging, nioCore, nioHTTP1, unixSignals, yams,
            ],
            path: "Sources/CLI", swiftSettings: strict),
        .executableTarget(
            name: "banyan-fuzz",
            dependencies: [
                "Chain", "Consensus", "Federation", "Gossip", "Inference", "Keys", "Ledger", "Models", "Proofs",
                "Store", "Swarm", "Tensors", "Transport", "Wire",
            ],
            path: "Sources/Fuzz", swiftSettings: strict),
    ],
]

let package = Package(
    name: "banyan",
    products: [
        // What other packages may import: see Examples/.
        .library(name: "API", targets: ["API"]), .library(name: "BanyanKit", targets: ["BanyanKit"]),
        .executable(name: "banyan", targets: ["banyan"]), .executable(name: "banyan-fuzz", targets: ["banyan-fuzz"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: systemLibraries + modules.flatMap(\.self),
    swiftLanguageModes: [.v6]
)
