extension Failure {
    /// The number that stands for the kind of failure in the results root. Never changed and never used again for another kind: the
    /// texts may be reworded without a fork. 0 is success.
    package var code: UInt16 {
        switch self {
        case .balance: 1
        case .overflow: 2
        case .zeroAmount: 3
        case .stake: 4
        case .tooManyWithdrawals: 5
        case .certificate: 6
        case .unknownJob: 7
        case .jobTerms: 8
        case .tooManyJobs: 9
        case .notTheOwner: 10
        case .phase: 11
        case .alreadyJoined: 12
        case .jobFull: 13
        case .unregisteredNode: 14
        case .banned: 15
        case .notATrainer: 16
        case .wrongRound: 17
        case .receiptMismatch: 18
        case .repeatedReceipt: 19
        case .notAMember: 20
        case .decided: 21
        case .segments: 22
        case .drawProof: 23
        case .repeatedVote: 24
        case .tooManyStakers: 25
        case .locked: 26
        case .channelDeposit: 27
        case .channelExpiry: 28
        case .tooManyChannels: 29
        case .unknownChannel: 30
        case .notThePayer: 31
        case .notThePayee: 32
        case .channelClosing: 33
        case .voucherSpent: 34
        case .voucherSignature: 35
        case .noAnswers: 36
        case .tooManyAnswers: 37
        case .answerKey: 38
        case .answerSignature: 39
        case .repeatedAnswer: 40
        case .uncovered: 41
        case .unknownAnswer: 42
        case .closedAnswer: 43
        case .underAudit: 44
        case .otherReceipt: 45
        case .bond: 46
        case .notUnderAudit: 47
        case .auditPhase: 48
        case .repeatedCommitment: 49
        case .noCommitment: 50
        case .commitmentMismatch: 51
        case .repeatedFinding: 52
        case .noContradiction: 53
        case .punishedBefore: 54
        case .tooManyAuditors: 55
        }
    }
}
