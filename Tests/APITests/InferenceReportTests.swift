import API
import Foundation
import Testing

@Suite struct InferenceReportTests {
    private let offer = ProviderReport.Offer(
        name: "smollm2", model: "aa", arithmetic: "int8", pricePerToken: "18446744073709551615", tokensPerSecond: 81.5,
        freeSlots: 2, contextLength: 8192, verification: ["none", "merkle"])

    @Test func everyReportComesBackFromJSON() throws {
        try expectRoundTrip(
            [
                ProviderReport(
                    provider: "ban1a", peer: "12D3Koo", addresses: ["/ip4/127.0.0.1/tcp/1"], offers: [offer],
                    stake: "5", reputationLevel: 1, expires: 7)
            ])
        try expectRoundTrip(
            QuoteReport(
                provider: "ban1a", peer: "12D3Koo", model: "aa", arithmetic: "f32", promptTokens: 31,
                pricePerToken: "10", maximumPrice: "2560", tokensPerSecond: nil, waiting: 0, verification: ["merkle"],
                refusal: "too dear"))
        for bundle in ["00ff", nil] {
            try expectRoundTrip(
                ReceiptReport(
                    id: "bb", provider: "ban1a", client: "ban1b", model: "aa", arithmetic: "f32", promptTokens: 31,
                    outputTokens: 64, stop: "length", price: "640", verification: "merkle", verdict: "right",
                    time: 1_800_000_000_000, bundle: bundle))
        }
        try expectRoundTrip(
            Question(
                model: "smollm2", messages: [.init(role: "user", content: "Why?")], prompt: "p", maximumTokens: 9,
                temperature: 0.7, topK: 40, topP: 0.9, minP: 0.05, verification: "fraud", check: .full,
                maximumPrice: "7", provider: "ban1b", nonce: "00"))
    }

    @Test func theLinesOfAnAnswerComeBackFromJSONWithTheirNames() throws {
        let lines: [(String, AnswerEvent)] = [
            (
                "chosen",
                .chosen(
                    .init(
                        provider: "ban1a", peer: "12D3Koo", model: "smollm2", pricePerToken: "10", promptTokens: 31,
                        resumedAt: 4, reason: "the connection was closed"))
            ),
            ("text", .text(.init(text: "🐝", tokens: [4, 5]))),
            ("retracted", .retracted(.init(keptTokens: 0, provider: "ban1a", reason: "layer 7 differs"))),
            (
                "finished",
                .finished(
                    .init(
                        receipt: "bb", provider: "ban1a", stop: "endOfText", promptTokens: 31, outputTokens: 64,
                        price: "640", seconds: 1.5, timeToFirstTokenSeconds: 0.25))
            ),
            (
                "checked",
                .checked(
                    .init(
                        receipt: "bb", provider: "ban1a", check: .merkle, fault: nil, layer: 7, positions: 94,
                        seconds: 0.125))
            ),
            ("failed", .failed(.refused("Nobody serves 'smollm2'.", remedy: "Wait."))),
        ]
        for (name, line) in lines {
            try expectRoundTrip(line)
            #expect(try fields(of: line)["event"] as? String == name)
        }
    }

    @Test func aQuestionNeedsOnlyItsModel() throws {
        let least = try JSONDecoder().decode(Question.self, from: Data(#"{"model": "smollm2"}"#.utf8))
        #expect(least == Question(model: "smollm2"))
        for text in ["{}", #"{"model": 7}"#, #"{"model": "a", "check": "some"}"#, #"{"model": "a", "topK": "b"}"#] {
            #expect(throws: DecodingError.self) { try JSONDecoder().decode(Question.self, from: Data(text.utf8)) }
        }
    }
}
