import API
import Foundation
import FoundationNetworking

/// Prints each new block of a node until it is interrupted.
@main
struct WatchNode {
    static func main() async throws {
        let base = CommandLine.arguments.dropFirst().first ?? "http://127.0.0.1:8000"
        let status: NodeStatus = try await get("\(base)/v1/status")
        say("\(status.name), chain \(status.chain), \(status.peers) peers")
        var next = status.height
        while true {
            let blocks: [BlockReport] = try await get("\(base)/v1/blocks?from=\(next + 99)&limit=100")
            for block in blocks.reversed() where block.height >= next {
                let operations = block.transactions.map(\.operation).joined(separator: " ")
                say("block \(block.height), \(block.signatures) signatures: \(operations)")
                next = block.height + 1
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Whoever reads through a pipe sees the line at once.
    static func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

    /// The value, or the `Problem` that the node names.
    static func get<Value: Decodable>(_ text: String) async throws -> Value {
        guard let url = URL(string: text) else { throw Problem.invalid("'\(text)' is no URL.") }
        let (data, response) = try await URLSession.shared.data(from: url)
        guard (response as? HTTPURLResponse)?.statusCode == 200 else {
            throw try JSONDecoder().decode(Problem.self, from: data)
        }
        return try JSONDecoder().decode(Value.self, from: data)
    }
}
