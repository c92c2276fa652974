internal import NIOCore
internal import Wire

extension SocketAddress {
    /// `/ip4/…/tcp/…` or `/ip6/…/tcp/…`; nil for other families.
    var multiaddress: Multiaddress? {
        guard let bytes = ipBytes, let ip = Multiaddress.Component.ip(bytes), let port, let port = UInt16(exactly: port)
        else { return nil }
        return try? Multiaddress([ip, .tcp(port)])
    }

    /// 4 or 16 bytes; an IPv4 address that an IPv6 socket shows has 4.
    var ipBytes: [UInt8]? {
        guard let text = ipAddress else { return nil }
        if let bytes = IPAddress.parse4(text) { return bytes }
        guard let bytes = IPAddress.parse6(text.prefix { $0 != "%" }) else { return nil }
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        return bytes.starts(with: mapped) ? Array(bytes.suffix(4)) : bytes
    }
}

extension Multiaddress {
    /// Where others reach a socket that is bound to this address: itself, or for 0.0.0.0 and :: the address of each network interface.
    func onInterfaces() throws -> [Multiaddress] {
        let ip = components[0]
        guard ip.value.allSatisfy({ $0 == 0 }) else { return [self] }
        var addresses: [Multiaddress] = []
        for device in try System.enumerateDevices() {
            guard let bytes = device.address?.ipBytes, bytes.count == ip.value.count,
                let host = Multiaddress.Component.ip(bytes)
            else { continue }
            let address = try Multiaddress([host] + components.dropFirst())
            if !addresses.contains(address) { addresses.append(address) }
        }
        return addresses.isEmpty ? [self] : addresses
    }
}
