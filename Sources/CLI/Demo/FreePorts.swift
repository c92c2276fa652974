import API
import Glibc

/// TCP ports of the loopback address that nobody uses: bound all at once, then let go.
///
/// Below the ports that Linux gives to outgoing connections (32,768 and up): until its process listens, none of the others takes it.
func freePorts(_ count: Int) throws -> [Int] {
    var sockets: [Int32] = []
    defer { for socket in sockets { close(socket) } }
    return try (0..<count).map { _ in
        for _ in 0..<100 {
            let port = UInt16.random(in: 10_240..<32_768)
            let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            sockets.append(socket)
            if isBound(socket, to: port) { return Int(port) }
        }
        throw Problem.refused("No free port is left on 127.0.0.1.")
    }
}

private func isBound(_ socket: Int32, to port: UInt16) -> Bool {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
            unsafe bind(socket, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}
