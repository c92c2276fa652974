import API
import Foundation
import Testing

@Suite struct RouteTests {
    @Test func everyRouteAnswersWithWhatTheNodeSays() async throws {
        try await RunningGateway.run { gateway in
            func get<Value: Decodable>(_ path: String, _ type: Value.Type) async throws -> Value {
                let answer = try await gateway.send("GET", path)
                #expect(answer.status == 200, "\(path)")
                #expect(answer.headers["content-type"] == "application/json", "\(path)")
                return try answer.decode()
            }
            #expect(try await get("/v1/status", NodeStatus.self) == FakeNode.status)
            #expect(try await get("/v1/peers", [PeerReport].self) == [])
            #expect(try await get("/v1/accounts/ban1x", AccountReport.self).account == "ban1x")
            #expect(try await get("/v1/accounts/ban1x/proof", ProofReport.self) == ProofReport(bundle: "ban1x"))
            #expect(try await get("/v1/nonces/00ff", NonceReport.self) == NonceReport(signer: "00ff", next: 8))
            #expect(try await get("/v1/blocks/9", BlockReport.self) == FakeNode.block(9))
            #expect(try await get("/v1/transactions/cc", TransactionReport.self).id == "cc")
            #expect(try await get("/v1/training/jobs", [JobReport].self) == [FakeNode.job("jj")])
            #expect(try await get("/v1/training/jobs/kk", JobReport.self) == FakeNode.job("kk"))

            let blob = try await gateway.send("GET", "/v1/blobs/00ff")
            #expect(blob.status == 200)
            #expect(blob.headers["content-type"] == "application/octet-stream")
            #expect(blob.body == Data("00ff".utf8))

            let transaction = try await gateway.send("POST", "/v1/transactions", body: #"{"transaction": "0102"}"#)
            #expect(transaction.status == 202)
            #expect(
                try transaction.decode(TransactionReport.self) == TransactionReport(id: "0102", outcome: .pending))

            let stored = try await gateway.send("POST", "/v1/blobs", body: #"{"bytes": "0304"}"#)
            #expect(stored.status == 201)
            #expect(try stored.decode(BlobReport.self) == BlobReport(digest: "0304"))
        }
    }

    @Test func theDocumentedRequestsAreThoseThatAreAnswered() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/api.md"), encoding: .utf8)
        let requests = text.split(separator: "\n").compactMap { line -> (method: String, path: String)? in
            guard line.hasPrefix("| `") else { return nil }
            let words = line.dropFirst(3).prefix { $0 != "`" }.split(separator: " ")
            guard words.count == 2 else { return nil }
            let path = String(words[1]).replacing(/\?.*/, with: "").replacing(/\{[a-z]+\}/, with: "1")
            return (String(words[0]), path)
        }
        #expect(requests.count == 19)
        try await RunningGateway.run { gateway in
            for request in requests {
                let answer = try await gateway.send(
                    request.method, request.path, body: request.method == "POST" ? "{}" : nil)
                let expected = ["POST": 400, "DELETE": 204][request.method] ?? 200
                #expect(answer.status == expected, "\(request.method) \(request.path)")
            }
        }
    }

    @Test(arguments: [
        ("/v1/blocks", 7, 20), ("/v1/blocks?from=5", 5, 20), ("/v1/blocks?limit=3", 7, 3),
        ("/v1/blocks?from=5&limit=200", 5, 200), ("/v1/blocks?limit=201", 7, 200),
        ("/v1/blocks?limit=18446744073709551615&from=18446744073709551615", UInt64.max, 200),
    ])
    func aListOfBlocksHasAStartAndABoundedLength(path: String, from: UInt64, limit: Int) async throws {
        try await RunningGateway.run { gateway in
            let answer = try await gateway.send("GET", path)
            #expect(try answer.decode([BlockReport].self) == [FakeNode.block(from, limit: limit)])
        }
    }

    @Test func headIsGetWithoutABody() async throws {
        try await RunningGateway.run { gateway in
            let connection = try Connection(port: gateway.port)
            let answer = try await connection.conversation(
                RunningGateway.request("HEAD", "/v1/nonces/aa", headers: ["Connection: close"]))
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n"))
        }
    }
}
