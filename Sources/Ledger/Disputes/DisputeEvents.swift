package import Keys

/// What a block says of disputes.
extension LedgerEvent {
    package struct DisputeEnded: Hashable, Sendable {
        package var answer: AnswerID
        package var challenger: AccountID
        /// The provider, or a member of the committee that has found the answer right.
        package var defender: AccountID
        /// The member of the committee that had to stand for its finding, on whichever side; nil when the committee was not in question.
        package var member: AccountID?
        package var winner: DisputeParty
        package var reason: DisputeReason
        package var moves: UInt32
        /// What the loser paid: its bond, or what was slashed of its stake.
        package var loss: Amount
        /// What who was right has of it: half, since a dispute with oneself would be free if it were all.
        package var reward: Amount { Amount(seeds: loss.seeds / 2) }

        package init(
            answer: AnswerID, challenger: AccountID, defender: AccountID, member: AccountID?, winner: DisputeParty,
            reason: DisputeReason, moves: UInt32, loss: Amount
        ) {
            self.answer = answer
            self.challenger = challenger
            self.defender = defender
            self.member = member
            self.winner = winner
            self.reason = reason
            self.moves = moves
            self.loss = loss
        }
    }
}
