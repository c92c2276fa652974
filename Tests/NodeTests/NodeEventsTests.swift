import API
import Foundation
import Node
import Testing

@Suite struct NodeEventsTests {
    private let block = NodeEvent.block(
        .init(height: 7, id: "aa", transactions: 1, time: 1_800_000_000_000, supplyConserved: true))
    private let ready = NodeEvent.ready(
        .init(
            name: "oak", peer: "12D3Koo", account: "ban1a", addresses: ["/ip4/192.168.1.7/tcp/4001/p2p/12D3Koo"],
            api: "http://127.0.0.1:8000", genesis: "00"))
    private let trained = NodeEvent.trained(.init(job: "bb", round: 0, steps: 188, seconds: 0.5))

    /// What `tell` writes into a file.
    private func written(_ tell: (FileHandle) throws -> Void) throws -> String {
        let path = try TemporaryDirectory().path + ".out"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data().write(to: URL(filePath: path))
        let file = try #require(FileHandle(forWritingAtPath: path))
        try tell(file)
        try file.close()
        return try String(contentsOfFile: path, encoding: .utf8)
    }

    @Test func programsReadOneJSONObjectALine() throws {
        let events = [ready, block, trained]
        let text = try written { file in
            let tell = NodeEvents.lines(file)
            for event in events { tell(event) }
        }
        #expect(text.hasSuffix("\n"))
        let lines = text.split(separator: "\n")
        #expect(try lines.map { try JSONDecoder().decode(NodeEvent.self, from: Data($0.utf8)) } == events)
        #expect(lines[2] == #"{"event":"trained","job":"bb","round":0,"seconds":0.5,"steps":188}"#)
        #expect(lines[0].contains("/ip4/192.168.1.7/tcp/4001"))
    }

    @Test func linesOfManyTasksDoNotMix() async throws {
        let path = try TemporaryDirectory().path + ".out"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data().write(to: URL(filePath: path))
        let tell = NodeEvents.lines(try #require(FileHandle(forWritingAtPath: path)))
        await withDiscardingTaskGroup { group in
            for height in UInt64(0)..<200 {
                group.addTask {
                    tell(.block(.init(height: height, id: "aa", transactions: 0, time: 0, supplyConserved: true)))
                }
            }
        }
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let heights = try lines.map { line in
            guard case .block(let block) = try JSONDecoder().decode(NodeEvent.self, from: Data(line.utf8)) else {
                return UInt64.max
            }
            return block.height
        }
        #expect(heights.sorted() == Array(0..<200))
    }

    @Test func peopleReadSentencesAndNoBlocks() throws {
        let text = try written { file in
            let tell = NodeEvents.people(file)
            for event in [block, trained, block, trained] { tell(event) }
        }
        #expect(text == "round 1: trained 188 steps\nround 1: trained 188 steps\n")
    }

    @Test func aNodeThatIsUpSaysHowToReachIt() throws {
        let sentence = try #require(ready.sentence)
        for part in ["oak", "ban1a", "http://127.0.0.1:8000", "--join /ip4/192.168.1.7/tcp/4001/p2p/12D3Koo"] {
            #expect(sentence.contains(part))
        }
    }

    @Test func everyOtherEventIsOneSentence() {
        let long = String(repeating: "ab", count: 32)
        let sentences: [(NodeEvent, String?)] = [
            (block, nil),
            (
                .roundOpened(.init(job: "bb", round: 0, height: 7, model: "cc", deadline: 9)),
                "round 1 opened at height 7"
            ),
            (.cheated(.init(job: "bb", round: 1, kind: "stale")), "round 2: cheated (stale)"),
            (
                .audited(.init(job: "bb", round: 1, worker: "ban1b", segments: [3], fault: nil, seconds: 1)),
                "round 2: audited ban1b: bits are equal"
            ),
            (
                .audited(.init(job: "bb", round: 1, worker: "ban1b", segments: [3], fault: "bits differ", seconds: 1)),
                "round 2: audited ban1b: bits differ"
            ),
            (
                .decided(.init(job: "bb", round: 1, worker: "ban1b", outcome: "accepted", reason: nil, height: 9)),
                "round 2: ban1b accepted"
            ),
            (
                .decided(.init(job: "bb", round: 1, worker: "ban1b", outcome: "rejected", reason: "stale", height: 9)),
                "round 2: ban1b rejected: stale"
            ),
            (
                .roundSettled(.init(job: "bb", round: 1, height: 9, model: long, payments: [], slashes: [])),
                "round 2 settled at height 9: model abababababababab"
            ),
            (
                .evaluated(.init(job: "bb", round: 1, model: "cc", correct: 8_731, total: 10_000)),
                "round 2: 8731 of 10000 test images right"
            ),
            (
                .jobFinished(.init(job: long, height: 9, model: "cc", completed: true)),
                "job abababababababab finished at height 9"
            ),
            (
                .jobFinished(.init(job: long, height: 9, model: "cc", completed: false)),
                "job abababababababab failed at height 9"
            ),
        ]
        for (event, sentence) in sentences { #expect(event.sentence == sentence) }
    }
}
