extension MeshMachine {
    /// A version of gossipsub; the later one knows all that the earlier ones do.
    package enum Version: Int, Comparable, CaseIterable, Sendable {
        case v1_0, v1_1, v1_2

        /// Newest first: the first that both sides know is used.
        static let protocolIDs = allCases.reversed().map(\.protocolID)

        /// The newest of those that a peer knows.
        /// - Parameter protocols: what the peer says that it speaks.
        /// - Returns: nil when it speaks none.
        init?(newestOf protocols: [String]) {
            guard let version = Self.allCases.last(where: { protocols.contains($0.protocolID) }) else { return nil }
            self = version
        }

        private var protocolID: String {
            switch self {
            case .v1_0: "/meshsub/1.0.0"
            case .v1_1: "/meshsub/1.1.0"
            case .v1_2: "/meshsub/1.2.0"
            }
        }

        package static func < (left: Version, right: Version) -> Bool { left.rawValue < right.rawValue }
    }
}
