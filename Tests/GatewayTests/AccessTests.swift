import API
import Foundation
import Gateway
import Testing

@Suite struct AccessTests {
    @Test(arguments: [
        "127.0.0.1", "127.0.0.1:8000", "127.1.2.3", "localhost", "localhost:8000", "LocalHost", "[::1]", "[::1]:8000",
    ])
    func aRequestForLoopbackIsAnswered(host: String) async throws {
        try await RunningGateway.run { gateway in
            let answer = try await gateway.send("GET", "/v1/status", host: host)
            #expect(answer.status == 200)
        }
    }

    @Test(arguments: [
        "example.org", "127.0.0.1.example.org", "127.example.org", "localhost.example.org", "10.0.0.1", "127.0.0.256",
        "127.0.0", "127.0.0.1.1", "[::2]", "",
    ])
    func aRequestForAForeignHostIsRefused(host: String) async throws {
        try await RunningGateway.run { gateway in
            for path in ["/v1/status", "/v1/nothing"] {
                let answer = try await gateway.send("GET", path, host: host)
                #expect(answer.status == 403)
                #expect(try answer.problem().type == "foreign-host")
            }
        }
    }

    @Test func aRequestForNoHostIsRefused() async throws {
        try await RunningGateway.run { gateway in
            let answer = try await gateway.send("GET", "/v1/status", host: nil)
            #expect([400, 403].contains(answer.status))
        }
    }

    @Test(arguments: ["http://localhost:3000", "http://127.0.0.1", "https://[::1]:8000"])
    func aPageOfThisMachineMayAsk(origin: String) async throws {
        try await RunningGateway.run { gateway in
            let answer = try await gateway.send("GET", "/v1/status", headers: ["Origin: \(origin)"])
            #expect(answer.status == 200)
        }
    }

    @Test(arguments: [
        "https://example.org", "http://127.0.0.1.example.org", "http://localhost.example.org:8000", "null", "localhost",
        "http://",
    ])
    func aPageFromElsewhereMayNotAsk(origin: String) async throws {
        try await RunningGateway.run { gateway in
            let answer = try await gateway.send(
                "POST", "/v1/transactions", body: #"{"transaction": "00"}"#, headers: ["Origin: \(origin)"])
            #expect(answer.status == 403)
            #expect(try answer.problem().type == "foreign-origin")
        }
    }

    @Test func theTokenIsDemandedForEveryPath() async throws {
        try await RunningGateway.run(token: "secret") { gateway in
            let wrong = [
                [], ["Authorization: Bearer"], ["Authorization: Bearer secre"], ["Authorization: Bearer secreT"],
                ["Authorization: Bearer secret1"], ["Authorization: secret"], ["Authorization: Basic secret"],
            ]
            for path in ["/v1/status", "/v1/nothing", "/v1/transactions"] {
                for headers in wrong {
                    let answer = try await gateway.send("GET", path, headers: headers)
                    #expect(answer.status == 401, "\(path) \(headers)")
                    #expect(try answer.problem().type == "unauthorized")
                }
            }
        }
    }

    @Test func theTokenOpensEveryDoor() async throws {
        try await RunningGateway.run(token: "secret") { gateway in
            let token = "Authorization: Bearer secret"
            #expect(try await gateway.send("GET", "/v1/status", headers: [token]).status == 200)
            // With a token the node may be behind any name.
            let answer = try await gateway.send(
                "GET", "/v1/status", host: "node.example.org", headers: [token, "Origin: https://example.org"])
            #expect(answer.status == 200)
        }
    }
}

@Suite struct GatewayConfigurationTests {
    @Test(arguments: ["127.0.0.1", "127.255.0.1", "::1", "localhost"])
    func loopbackNeedsNoToken(host: String) throws {
        let configuration = try GatewayConfiguration(host: host, port: 8000, token: nil)
        #expect(configuration.host == host)
        #expect(configuration.port == 8000)
        #expect(configuration.token == nil)
    }

    @Test(arguments: ["0.0.0.0", "::", "192.168.1.7", "node.example.org", "127.example.org", "127.0.0.1.nip.io", ""])
    func whatOthersCanReachNeedsAToken(host: String) throws {
        #expect(throws: GatewayConfiguration.Refusal.openToTheWorld(host: host)) {
            try GatewayConfiguration(host: host, port: 8000, token: nil)
        }
        #expect(try GatewayConfiguration(host: host, port: 8000, token: "secret").token == "secret")
    }

    @Test func anEmptyTokenIsNone() {
        for host in ["127.0.0.1", "0.0.0.0"] {
            #expect(throws: GatewayConfiguration.Refusal.emptyToken) {
                try GatewayConfiguration(host: host, port: 8000, token: "")
            }
        }
    }

    @Test func aRefusalNamesTheHostAndTheRemedy() {
        let text = GatewayConfiguration.Refusal.openToTheWorld(host: "0.0.0.0").description
        #expect(text.contains("0.0.0.0"))
        #expect(text.contains("--api-token"))
    }
}
