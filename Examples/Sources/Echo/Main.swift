import BanyanKit
import Foundation

/// Serves `/echo/1.0.0`, or sends a text to a peer that does.
@main
struct Echo {
    static let protocolID = "/echo/1.0.0"

    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        switch (arguments.first, arguments.count) {
        case ("serve", 2):
            let peer = try Peer(listening: [arguments.last!])
            peer.serve(protocolID, limit: 1 << 20) { request in request }
            try await peer.run { addresses in
                // Whoever reads through a pipe sees it at once.
                for address in addresses { FileHandle.standardOutput.write(Data("\(address)\n".utf8)) }
                while !Task.isCancelled { try await Task.sleep(for: .seconds(3600)) }
            }
        case ("send", 3):
            let (address, text) = (arguments[2], arguments[3])
            let peer = try Peer()
            let answer = try await peer.run { _ in try await peer.request(protocolID, Array(text.utf8), at: address) }
            print(String(decoding: answer, as: UTF8.self))
        default:
            print("usage: echo serve /ip4/127.0.0.1/tcp/0\n       echo send /ip4/127.0.0.1/tcp/4001 TEXT")
        }
    }
}
