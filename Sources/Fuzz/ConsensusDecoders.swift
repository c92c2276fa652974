import Consensus
import Wire

let consensusDecoders: [Decoder] = [
    .canonical("consensus.vote", [Examples.vote, Examples.otherVote, Examples.precommit]),
    .canonical("consensus.proposal", [Examples.proposal]),
    .canonical(
        "consensus.message", [ConsensusMessage.vote(Examples.vote), .proposal(Examples.proposal)] + certificates),
    .canonical("consensus.commit", [Examples.commit]),
    .canonical("consensus.evidence", [Evidence(Examples.vote, Examples.otherVote)].compactMap(\.self)),
    .canonical("consensus.validators", [Examples.validators]),
    .canonical("consensus.signer", [SignerState(), .refusing(through: 7)]),
]

private let certificates: [ConsensusMessage] =
    [RoundCertificate(height: 3, round: 1, votes: [Examples.vote])].compactMap { $0.map(ConsensusMessage.certificate) }
