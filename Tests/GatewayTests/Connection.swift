import Foundation
import Glibc

/// One TCP connection that speaks HTTP/1.1 exactly as it is told, headers and all.
final class Connection: Sendable {
    struct Failure: Error { let what: String }

    private let socket: Int32

    /// - Throws: ``Failure`` when nobody listens.
    init(port: Int) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // A lost answer fails the test instead of holding it up.
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        unsafe _ = setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe connect(socket, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected else {
            close(socket)
            throw Failure(what: "connect")
        }
    }

    deinit { close(socket) }

    /// Sends `request` and reads one answer, or nil when the other side closes instead.
    func exchange(_ request: String) async throws -> Answer? {
        try await blocking { [socket] in
            try Self.write(Array(request.utf8), to: socket)
            var bytes: [UInt8] = []
            while true {
                if let answer = Answer(bytes) { return answer }
                let more = try Self.read(from: socket)
                if more.isEmpty, bytes.isEmpty { return nil }
                guard !more.isEmpty else { throw Failure(what: "end after \(bytes.count) bytes") }
                bytes += more
            }
        }
    }

    /// Sends `request` and reads until the other side closes.
    func conversation(_ request: String) async throws -> String {
        try await blocking { [socket] in
            try Self.write(Array(request.utf8), to: socket)
            var bytes: [UInt8] = []
            while true {
                let more = try Self.read(from: socket)
                if more.isEmpty { return String(decoding: bytes, as: UTF8.self) }
                bytes += more
            }
        }
    }

    private func blocking<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        // Blocking calls: never on a thread that the server needs.
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                // The thread holds the connection open.
                withExtendedLifetime(self) {
                    continuation.resume(with: Result { try work() })
                }
            }
        }
    }

    private static func write(_ bytes: [UInt8], to socket: Int32) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(what: "send") }
            rest = rest.dropFirst(count)
        }
    }

    /// - Returns: what came, or nothing when the other side closed.
    private static func read(from socket: Int32) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(socket, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw Failure(what: "recv") }
        return Array(buffer[..<count])
    }
}
