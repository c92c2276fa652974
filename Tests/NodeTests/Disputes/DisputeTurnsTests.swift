import Keys
import Ledger
import Node
import Testing

@Suite struct DisputeTurnsTests {
    private func turn(_ number: UInt32, job: UInt8 = 1, deadline: UInt64 = 100) -> DisputeTurns.Turn {
        DisputeTurns.Turn(
            answer: AnswerID(provider: Court.provider, job: Digest(sha256: [job])), number: number, deadline: deadline)
    }

    @Test("the dispute whose clock runs out first is played first, and each move is made once")
    func urgency() {
        var turns = DisputeTurns()
        let waiting = [turn(0, deadline: 90), turn(4, job: 2, deadline: 60), turn(2, job: 3, deadline: 70)]
        var order: [UInt32] = []
        while let next = turns.next(of: waiting, at: 50) {
            order.append(next.number)
            turns.sent(next, at: 50)
        }
        #expect(order == [4, 2, 0])
        // Each next move of the same dispute is a new one.
        #expect(turns.next(of: [turn(5, job: 2)], at: 51) == turn(5, job: 2))
    }

    @Test("a move that does not get onto the ledger is sent again; one that is late, or that nobody has, is not")
    func again() {
        var turns = DisputeTurns()
        turns.sent(turn(0), at: 50)
        #expect(turns.next(of: [turn(0)], at: 52) == nil)
        #expect(turns.next(of: [turn(0)], at: 53) == turn(0))
        #expect(turns.next(of: [turn(0, deadline: 53)], at: 53) == nil)
        turns.gaveUp(turn(0))
        #expect(turns.next(of: [turn(0)], at: 99) == nil)
        // It is the other's turn meanwhile, and then ours.
        #expect(turns.next(of: [], at: 99) == nil)
        #expect(turns.next(of: [turn(2)], at: 99) == turn(2))
    }
}
