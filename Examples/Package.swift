// swift-tools-version: 6.2
import PackageDescription

// What a program of your own needs of Banyan: its wire types (`API`), and a small door to its network and its proofs (`BanyanKit`).

let package = Package(
    name: "banyan-examples",
    dependencies: [.package(name: "banyan", path: "..")],
    targets: [
        .executableTarget(
            name: "echo", dependencies: [.product(name: "BanyanKit", package: "banyan")], path: "Sources/Echo"),
        .executableTarget(
            name: "watch-node", dependencies: [.product(name: "API", package: "banyan")], path: "Sources/WatchNode"),
        .executableTarget(
            name: "verify-proof",
            dependencies: [.product(name: "API", package: "banyan"), .product(name: "BanyanKit", package: "banyan")],
            path: "Sources/VerifyProof"),
    ],
    swiftLanguageModes: [.v6]
)
