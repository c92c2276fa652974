package import Wire

extension Multiaddress {
    /// Whether the address leads to the machine that dials it.
    package var isLoopback: Bool {
        switch components[0].kind {
        case .ip4: components[0].value[0] == 127
        case .ip6: components[0].value == [UInt8](repeating: 0, count: 15) + [1]
        default: false
        }
    }
}
