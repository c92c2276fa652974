import Foundation
import Testing

@Suite struct LifecycleTests {
    @Test func afterItsEndNobodyListens() async throws {
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        try await RunningGateway.run { gateway in
            let answer = try await gateway.send("GET", "/v1/status")
            #expect(answer.status == 200)
            found.yield(gateway.port)
        }
        let port = try #require(await ports.first { _ in true })
        #expect(throws: Connection.Failure.self) { try Connection(port: port) }
    }

    @Test func aConnectionThatIdlesDoesNotHoldUpTheEnd() async throws {
        let (kept, keep) = AsyncStream.makeStream(of: Connection.self)
        try await RunningGateway.run { gateway in
            let used = try Connection(port: gateway.port)
            #expect(try await used.exchange(RunningGateway.request("GET", "/v1/peers"))?.status == 200)
            keep.yield(used)
        }
        let used = try #require(await kept.first { _ in true })
        #expect(try await used.conversation("") == "")
    }

    @Test func aRequestUnderWayIsAnsweredBeforeTheEnd() async throws {
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let node = FakeNode {
            arrived.yield()
            _ = await gate.first { _ in true }
        }
        try await RunningGateway.run(node: node) { gateway in
            async let answer = gateway.send("GET", "/v1/status")
            _ = await arrivals.first { _ in true }
            await gateway.end()
            open.yield()
            let status = try await answer.status
            #expect(status == 200)
        }
    }

    @Test func oneConnectionCarriesManyRequests() async throws {
        try await RunningGateway.run { gateway in
            let connection = try Connection(port: gateway.port)
            for _ in 0..<20 {
                #expect(try await connection.exchange(RunningGateway.request("GET", "/v1/peers"))?.status == 200)
                #expect(try await connection.exchange(RunningGateway.request("GET", "/v1/nothing"))?.status == 404)
            }
        }
    }
}
