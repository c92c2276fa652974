import API
import ArgumentParser
import Foundation

/// Which node a command speaks to.
struct NodeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Address of the node's HTTP API.",
            discussion: "Without it: BANYAN_NODE, then the node that runs on the data directory, then port 8000."))
    var node: String?

    @Option(name: .customLong("api-token"), help: "Token of the API; or BANYAN_API_TOKEN.")
    var apiToken: String?

    @Option(help: "The node's data directory; or BANYAN_DATA.")
    var data: String?

    var dataDirectory: String { data ?? DataDirectory.standard }

    func client() throws -> NodeClient {
        let environment = ProcessInfo.processInfo.environment
        let address = node ?? environment["BANYAN_NODE"] ?? runningNode ?? "http://127.0.0.1:8000"
        let text = address.contains("://") ? address : "http://" + address
        guard let url = URL(string: text), url.host != nil else {
            throw Problem.invalid(
                "'\(address)' is no address of a node.", remedy: "It looks like http://127.0.0.1:8000.")
        }
        return NodeClient(base: url, token: apiToken ?? environment["BANYAN_API_TOKEN"])
    }

    /// A running node writes the address of its API into its data directory.
    private var runningNode: String? {
        (try? String(contentsOfFile: dataDirectory + "/api", encoding: .utf8))?
            .trimmingCharacters(in: .whitespacesAndNewlines)
            // A node on a full disk could write no more than the name of the file.
            .nonEmpty
    }
}

enum DataDirectory {
    /// `BANYAN_DATA`, or `~/.banyan`.
    static var standard: String {
        ProcessInfo.processInfo.environment["BANYAN_DATA"] ?? NSHomeDirectory() + "/.banyan"
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
