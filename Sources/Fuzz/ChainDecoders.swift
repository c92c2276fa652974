import Chain
import Consensus
import Keys
import Ledger
import Wire

let chainDecoders: [Decoder] = [
    .canonical("chain.message", messages),
    .canonical("chain.block", [block]),
    .canonical(
        "chain.sync.request",
        [SyncRequest.status(chain: Examples.digest(1)), .blocks(chain: Examples.digest(1), from: 7)]),
    .canonical(
        "chain.sync.answer",
        [
            SyncAnswer.status(base: 1, head: 9), .otherChain,
            .blocks([DecidedBlock(block: block, commit: Examples.commit)]),
        ]),
    .canonical(
        "chain.account.proof",
        [
            AccountProofBundle(
                proof: exampleProof, header: header, commit: Examples.commit, validators: Examples.validators)
        ]),
    Decoder(
        "chain.account.proof.verify",
        seeds: [
            AccountProofBundle(
                proof: exampleProof, header: header, commit: Examples.commit, validators: Examples.validators
            ).canonicalBytes
        ]
    ) {
        guard let bundle = try? AccountProofBundle(canonicalBytes: $0) else { return false }
        _ = try? bundle.verify(
            .account(Examples.ids[0]), genesis: header.parameters, trusted: bundle.validators.digest)
        return true
    },
]

private let header: Header = {
    guard let chain = ChainID("fuzz") else { preconditionFailure("a short name") }
    let digest = Examples.digest(8)
    return Header(
        chain: chain, height: 3, time: 1_700_000_003_000, previous: digest, lastCommit: digest, transactions: digest,
        evidence: digest, validators: digest, nextValidators: digest, parameters: digest, stateRoot: digest,
        resultsRoot: digest, proposer: Examples.ids[0], beacon: Examples.proof)
}()

private let block = Block(
    header: header, transactions: Examples.operations(Examples.digest(7)).prefix(2).map { Examples.transaction($0) },
    evidence: [Evidence(Examples.vote, Examples.otherVote)].compactMap(\.self), lastCommit: Examples.commit)

private let messages: [ChainMessage] = {
    let proposal = SignedProposal(
        Proposal(height: 3, round: 0, polkaRound: nil, block: block.id, proposer: Examples.ids[0]),
        signature: Examples.nodes[0].signRaw([1]))
    var contents: [ChainMessage.Content] = [
        .proposal(proposal, block), .vote(Examples.vote), .transaction(block.transactions[0]),
    ]
    if let certificate = RoundCertificate(height: 3, round: 1, votes: [Examples.vote]) {
        contents.append(.certificate(certificate))
    }
    contents += block.evidence.map { .evidence($0) }
    return contents.map { ChainMessage(chain: Examples.digest(1), $0) }
}()
