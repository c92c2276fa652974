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
