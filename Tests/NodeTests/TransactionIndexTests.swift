import API
import Keys
import Node
import Testing

@Suite struct TransactionIndexTests {
    private func id(_ number: Int) -> Digest { Digest(sha256: Array("\(number)".utf8)) }

    private func report(_ number: Int, height: UInt64 = 1) -> TransactionReport {
        TransactionReport(id: "\(id(number))", outcome: .committed, height: height)
    }

    @Test func whatWasNotedIsFoundAndNothingElse() {
        let index = TransactionIndex()
        #expect(index[id(0)] == nil)
        index.note(report(0), of: id(0))
        #expect(index[id(0)] == report(0))
        #expect(index[id(1)] == nil)
    }

    @Test func theOldestMakeRoomForTheNewest() {
        let limit = TransactionIndex.limit
        let index = TransactionIndex()
        let more = 100
        for number in 0..<limit { index.note(report(number), of: id(number)) }
        #expect((0..<limit).allSatisfy { index[id($0)] == report($0) })
        for number in limit..<limit + more { index.note(report(number), of: id(number)) }
        #expect((0..<more).allSatisfy { index[id($0)] == nil })
        #expect((more..<limit + more).allSatisfy { index[id($0)] == report($0) })
    }

    @Test func notingAgainReplacesTheReportAndTakesNoRoom() {
        let limit = TransactionIndex.limit
        let index = TransactionIndex()
        for number in 0..<limit { index.note(report(number), of: id(number)) }
        for height in 2..<100 { index.note(report(0, height: UInt64(height)), of: id(0)) }
        #expect(index[id(0)]?.height == 99)
        #expect((1..<limit).allSatisfy { index[id($0)] != nil })
    }
}
