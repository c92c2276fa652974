import API
import Foundation
import Testing

@Suite struct RefusalTests {
    @Test(arguments: ["/", "/v1", "/v2/status", "/v1/nothing", "/v1/status/more", "/v1/blocks/1/2", "/v1/%00"])
    func anUnknownPathIsNotFound(path: String) async throws {
        try await RunningGateway.run { gateway in
            let answer = try await gateway.send("GET", path)
            #expect(answer.status == 404)
            #expect(try answer.problem().type == "not-found")
        }
    }

    @Test func whatTheNodeDoesNotKnowIsNotFoundInItsOwnWords() async throws {
        try await RunningGateway.run { gateway in
            let answer = try await gateway.send("GET", "/v1/accounts/nobody")
            #expect(answer.status == 404)
            #expect(
                try answer.problem() == .notFound("There is no account nobody.", remedy: "Pay it something."))
            let refused = try await gateway.send("POST", "/v1/transactions", body: #"{"transaction": "bad"}"#)
            #expect(refused.status == 409)
            #expect(try refused.problem() == .refused("The transaction is refused."))
        }
    }

    @Test(arguments: [
        ("POST", "/v1/status", "GET, HEAD"), ("DELETE", "/v1/blocks/3", "GET, HEAD"),
        ("GET", "/v1/transactions", "POST"), ("PUT", "/v1/blobs", "POST"), ("PATCH", "/v1/accounts/a", "GET, HEAD"),
        ("OPTIONS", "/v1/transactions", "POST"),
    ])
    func aWrongMethodIsAnsweredWithTheRightOnes(method: String, path: String, allowed: String) async throws {
        try await RunningGateway.run { gateway in
            let answer = try await gateway.send(method, path)
            #expect(answer.status == 405)
            #expect(answer.headers["allow"] == allowed)
            #expect(try answer.problem().remedy?.contains(allowed) == true)
        }
    }

    @Test(arguments: [
        "/v1/blocks/x", "/v1/blocks/-1", "/v1/blocks/18446744073709551616", "/v1/blocks?from=x", "/v1/blocks?limit=-1",
        "/v1/blocks?limit=", "/v1/blocks?from=1.5",
    ])
    func aHeightThatIsNoNumberIsInvalid(path: String) async throws {
        try await RunningGateway.run { gateway in
            let answer = try await gateway.send("GET", path)
            #expect(answer.status == 400)
            #expect(try answer.problem().type == "invalid")
        }
    }

    @Test(arguments: [
        "", "{", "{}", "[]", "null", #"{"transaction": 1}"#, #"{"bytes": "00"}"#, "\u{0}", #"{"transaction": "a"#,
        String(repeating: "[", count: 100_000),
    ])
    func aBodyThatIsNotTheRequestIsInvalid(body: String) async throws {
        try await RunningGateway.run { gateway in
            let answer = try await gateway.send("POST", "/v1/transactions", body: body)
            #expect(answer.status == 400)
            #expect(try answer.problem().type == "invalid")
        }
    }

    @Test func aBodyUpToTheLimitIsReadAndNoLongerOne() async throws {
        let limit = 4_096
        @Sendable func body(_ length: Int) -> String {
            let value = #"{"transaction": "00"}"#
            return value + String(repeating: " ", count: length - value.utf8.count)
        }
        try await RunningGateway.run(bodyLimit: limit) { gateway in
            #expect(try await gateway.send("POST", "/v1/transactions", body: body(limit)).status == 202)
            for path in ["/v1/transactions", "/v1/blobs"] {
                let answer = try await gateway.send("POST", path, body: body(limit + 1))
                #expect(answer.status == 413)
                #expect(try answer.problem().type == "too-large")
            }
        }
    }

    @Test func aBodyInPartsIsCountedAsItComes() async throws {
        let limit = 4_096
        @Sendable func request(parts: Int) -> String {
            let part = "400\r\n" + String(repeating: " ", count: 1_024) + "\r\n"
            let value = #"{"transaction": "00"}"#
            let last = String(value.utf8.count, radix: 16) + "\r\n" + value + "\r\n0\r\n\r\n"
            return RunningGateway.request("POST", "/v1/transactions", headers: ["Transfer-Encoding: chunked"])
                + String(repeating: part, count: parts) + last
        }
        try await RunningGateway.run(bodyLimit: limit) { gateway in
            let short = try await Connection(port: gateway.port).exchange(request(parts: 3))
            #expect(short?.status == 202)
            let long = try #require(try await Connection(port: gateway.port).exchange(request(parts: 4)))
            #expect(long.status == 413)
            #expect(try long.problem().type == "too-large")
        }
    }

    @Test func aBodyThatIsAnnouncedTooLongIsRefusedBeforeItComes() async throws {
        try await RunningGateway.run { gateway in
            let head = RunningGateway.request(
                "POST", "/v1/blobs", headers: ["Content-Length: 9000000000000000000", "Connection: close"])
            let answer = try #require(try await Connection(port: gateway.port).exchange(head))
            #expect(answer.status == 413)
        }
    }

    @Test(arguments: [
        "NONSENSE\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n", "GET /v1/status\r\n\r\n",
        "GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: x\r\n\r\n",
    ])
    func whatIsNotHTTPEndsItsConnectionOnly(text: String) async throws {
        try await RunningGateway.run { gateway in
            let answer = try await Connection(port: gateway.port).conversation(text)
            #expect(!answer.contains(" 200 "))
            #expect(try await gateway.send("GET", "/v1/status").status == 200)
        }
    }
}
