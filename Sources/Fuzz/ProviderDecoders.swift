import Inference
import Keys
import Ledger
import Models
import Proofs
import Wire

/// What clients, providers and verifiers of answers send each other: Inference.
let providerDecoders: [Decoder] = [
    Decoder("inference.message", seeds: messages.map(\.bytes)) { bytes in
        guard let message = try? InferenceMessage(bytes: bytes) else { return false }
        precondition((try? InferenceMessage(bytes: message.bytes)) == message, "what is written does not read back")
        return true
    },
    Decoder("inference.choice", seeds: [choice.bytes]) { (try? ModelChoice(bytes: $0)) != nil },
    Decoder("inference.quote", seeds: [quote.bytes]) { bytes in
        guard let quote = try? Quote(bytes: bytes) else { return false }
        precondition((try? Quote(bytes: quote.bytes)) == quote, "what is written does not read back")
        return true
    },
    Decoder("inference.refusal", seeds: [refusal.bytes]) { bytes in
        guard let refusal = try? Refusal(bytes: bytes) else { return false }
        precondition((try? Refusal(bytes: refusal.bytes)) == refusal, "what is written does not read back")
        return true
    },
    Decoder("inference.tokens", seeds: [PackedTokens.encode([1, 300, 70_000])]) {
        guard let tokens = try? PackedTokens.decode($0, limit: 64) else { return false }
        precondition((try? PackedTokens.decode(PackedTokens.encode(tokens), limit: 64)) == tokens)
        return true
    },
    .canonical("inference.announcement", [announcement]),
    Decoder("inference.directory", seeds: [announcement.canonicalBytes]) { bytes in
        guard let announcement = try? Announcement(canonicalBytes: bytes) else { return false }
        var directory = ProviderDirectory(limit: 2)
        for time in [1_700_000_000_000, announcement.expires &- 1] {
            _ = directory.note(announcement, stake: 1, at: time)
            precondition(directory.providers(at: time).count <= 1, "one announcement is one provider")
        }
        return true
    },
    .canonical(
        "inference.question",
        [
            AuditQuestion.exchange(job: Examples.digest(1)),
            .opening(job: Examples.digest(1), AuditChallenge(receipt: Examples.digest(2), by: Examples.nodes[0])),
        ]),
    .canonical("inference.reply", [AuditReply.unknown, .exchange(Examples.exchange), .opening(Examples.slice)]),
    .canonical("inference.payer-entry", payerEntries),
    .canonical("inference.payee-entry", payeeEntries),
    .canonical("inference.payer", [payerEntries.reduce(into: PayerBook()) { $0.apply($1) }]),
    .canonical("inference.payee", [payeeEntries.reduce(into: PayeeBook()) { $0.apply($1) }]),
    .canonical("inference.held", [HeldReceipt(exchange: Examples.exchange, time: 1_700_000_000_000, verdict: .right)]),
]

private let payerEntries: [PayerEntry] = [
    .opening(Examples.digest(1), payee: Examples.ids[1], height: 4),
    .asked(
        .init(
            job: Examples.digest(2), channel: Examples.digest(1), node: Examples.nodes[1].publicKey,
            limit: Amount(seeds: 9), height: 5)),
    .paid(Examples.digest(2), Amount(seeds: 7)), .acknowledged(Examples.digest(1), Amount(seeds: 7)),
    .dropped(Examples.digest(3)), .forgotten(Examples.digest(4)),
]

private let payeeEntries: [PayeeEntry] = [
    .voucher(
        .sign(Voucher(channel: Examples.digest(1), amount: Amount(seeds: 7)), with: Examples.nodes[0]),
        payer: Examples.ids[0], height: 3),
    .charged(Examples.digest(2), channel: Examples.digest(1), Amount(seeds: 7)),
    .due(.init(job: Examples.digest(2), payment: Amount(seeds: 7))), .recorded(Examples.digest(3)),
    .forgotten(Examples.digest(4)),
]

private let choice = ModelChoice(model: Examples.digest(7), arithmetic: .int8)
private let refusal = Refusal(.busy, "256 questions wait already.")
private let quote = Quote(
    model: choice.model, arithmetic: .int8, pricePerToken: 5, speed: 70_000, waiting: 1, freeSlots: 3,
    contextLength: 8192, modes: [.none, .merkle])

private let messages: [InferenceMessage] = [
    .quote(choice), .quoted(quote), .request(Examples.exchange.request),
    .accepted(seed: Examples.proof, waiting: 2), .tokens(first: 3, [4, 500, 60_000]),
    .final(ReceiptSeal(of: Examples.exchange.receipt), stop: .length), .voucher([1, 2, 3]), .paid, .cancel,
    .refused(refusal),
]

private let announcement = Announcement(
    certificate: Examples.certificate(0), sequence: 9, expires: 1_700_000_060_000,
    addresses: ["/ip4/192.168.1.2/tcp/4001"].compactMap { Multiaddress($0) },
    offers: [
        Offer(
            choice: choice, name: "small", pricePerToken: 5, speed: 70_000, freeSlots: 3, contextLength: 8192,
            modes: [.merkle, .fraud])
    ], by: Examples.nodes[0])
