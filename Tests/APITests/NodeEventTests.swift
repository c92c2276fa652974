import API
import Foundation
import Testing

@Suite struct NodeEventTests {
    @Test func everyKindOfEventHasItsSample() {
        #expect(sampleEvents.map { name(of: $0.event) } == sampleEvents.map(\.name))
        #expect(Set(sampleEvents.map(\.name)).count == 15)
    }

    @Test(arguments: sampleEvents.map(\.event))
    func anEventComesBackFromJSON(event: NodeEvent) throws { try expectRoundTrip(event) }

    @Test func theJSONOfAnEventIsOneFlatObjectWithItsName() throws {
        for (name, event) in sampleEvents {
            #expect(try fields(of: event)["event"] as? String == name)
        }
        let ready = try fields(of: sampleEvents[0].event)
        #expect(Set(ready.keys) == ["event", "name", "peer", "account", "addresses", "api", "genesis"])
        let block = try fields(of: sampleEvents[1].event)
        #expect(Set(block.keys) == ["event", "height", "id", "transactions", "time", "supplyConserved"])
        #expect(block["height"] as? UInt64 == .max)
    }

    @Test func amountsAreTextBecauseNumbersOfOtherLanguagesAreTooSmall() throws {
        let settled = try fields(of: sampleEvents[7].event)
        let payments = try #require(settled["payments"] as? [[String: String]])
        #expect(payments == [["account": "ban1a", "amount": "18446744073709551615"]])
    }

    @Test func whatIsAbsentIsLeftOut() throws {
        let audited = NodeEvent.audited(
            .init(job: "bb", round: 2, worker: "ban1b", segments: [], fault: nil, seconds: 1))
        let decided = NodeEvent.decided(
            .init(job: "bb", round: 2, worker: "ban1b", outcome: "accepted", reason: nil, height: 9))
        for event in [audited, decided] { try expectRoundTrip(event) }
        #expect(try fields(of: audited)["fault"] == nil)
        #expect(try fields(of: decided)["reason"] == nil)
    }

    @Test(arguments: [
        #"{"event": "exploded", "height": 1}"#, #"{"event": "Block"}"#, #"{"event": 7}"#, #"{"event": null}"#,
        #"{"height": 1}"#, #"{}"#, #"[]"#, #""block""#, "",
    ])
    func anUnknownEventIsRefused(text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(NodeEvent.self, from: Data(text.utf8)) }
    }

    @Test func anEventThatLacksAFieldIsRefused() throws {
        for (name, event) in sampleEvents {
            let whole = try fields(of: event)
            for key in whole.keys.sorted() where !["fault", "reason"].contains(key) {
                let data = try JSONSerialization.data(withJSONObject: whole.filter { $0.key != key })
                #expect(throws: DecodingError.self, "\(name) without \(key)") {
                    try JSONDecoder().decode(NodeEvent.self, from: data)
                }
            }
        }
    }

    @Test func aFieldOfALaterVersionIsPassedOver() throws {
        for (_, event) in sampleEvents {
            var whole = try fields(of: event)
            whole["fieldOfALaterVersion"] = ["anything": 1]
            let data = try JSONSerialization.data(withJSONObject: whole)
            #expect(try JSONDecoder().decode(NodeEvent.self, from: data) == event)
        }
    }
}
