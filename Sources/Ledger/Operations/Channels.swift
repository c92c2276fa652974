import Keys

extension Execution {
    mutating func open(_ terms: ChannelTerms, id: Digest, payer: AccountID) throws(Failure) {
        guard terms.deposit >= parameters.channelMinimum else {
            throw .channelDeposit(terms.deposit, minimum: parameters.channelMinimum)
        }
        // The payee gets at least the time that it has when the payer closes.
        let earliest = context.height + parameters.channelChallengeBlocks
        guard terms.expiry >= earliest else { throw .channelExpiry(terms.expiry, earliest: earliest) }
        try debit(payer, terms.deposit)
        let channel = Channel(
            payer: payer, payee: terms.payee, signer: terms.signer, deposit: terms.deposit, claimed: .zero,
            end: terms.expiry, isClosing: false)
        try schedule(id, at: terms.expiry)
        write(.channel(id), channel)
        events.append(.channelOpened(id, channel))
    }

    mutating func topUp(_ id: Digest, _ amount: Amount, payer: AccountID) throws(Failure) {
        guard amount > .zero else { throw .zeroAmount }
        var channel = try channel(id)
        guard channel.payer == payer else { throw .notThePayer }
        guard !channel.isClosing else { throw .channelClosing }
        try debit(payer, amount)
        guard let deposit = channel.deposit.adding(amount) else { throw .overflow }
        channel.deposit = deposit
        write(.channel(id), channel)
        events.append(.channelToppedUp(id, amount))
    }

    /// Pays what the voucher promises beyond what was paid before, as far as the deposit goes.
    mutating func claim(_ signed: SignedVoucher, payee: AccountID) throws(Failure) {
        let id = signed.voucher.channel
        var channel = try channel(id)
        guard channel.payee == payee else { throw .notThePayee }
        let total = min(signed.voucher.amount, channel.deposit)
        guard total > channel.claimed else { throw .voucherSpent(signed.voucher.amount, claimed: channel.claimed) }
        guard signed.isSigned(by: channel.signer) else { throw .voucherSignature }
        let payment = payment(from: channel.claimed, to: total)
        channel.claimed = total
        write(.channel(id), channel)
        credit(payee, payment.provider)
        creditAuditPool(payment.auditPool)
        creditTreasury(payment.treasury)
        events.append(.channelClaimed(id, payment))
    }

    private func payment(from before: Amount, to after: Amount) -> ServicePayment {
        let (old, new) = (shares(of: before), shares(of: after))
        return ServicePayment(
            provider: new.provider - old.provider,
            auditPool: new.auditPool - old.auditPool,
            treasury: new.treasury - old.treasury)
    }

    /// The shares of everything a channel has paid so far, so that claiming in many steps or in one comes to the same. The payee's is
    /// rounded down; so is the pool's, of the rest; the treasury gets what is left. None of them falls when the whole grows.
    private func shares(of total: Amount) -> ServicePayment {
        let provider = total.times(UInt64(parameters.providerShare), over: 10_000)
        let rest = total - provider
        let others = UInt64(parameters.auditPoolShare) + UInt64(parameters.treasuryShare)
        let pool = rest.times(UInt64(parameters.auditPoolShare), over: max(1, others))
        return ServicePayment(provider: provider, auditPool: pool, treasury: rest - pool)
    }

    /// By the payee at once; by the payer after the time in which the payee may still claim.
    mutating func closeChannel(_ id: Digest, by sender: AccountID) throws(Failure) {
        var channel = try channel(id)
        if channel.payee == sender {
            unschedule(id, at: channel.end)
            refund(channel, id)
            return
        }
        guard channel.payer == sender else { throw .notThePayer }
        guard !channel.isClosing else { throw .channelClosing }
        let end = min(channel.end, context.height + parameters.channelChallengeBlocks)
        if end != channel.end {
            unschedule(id, at: channel.end)
            try schedule(id, at: end)
        }
        channel.end = end
        channel.isClosing = true
        write(.channel(id), channel)
        events.append(.channelClosing(id, end: end))
    }

    /// Gives back what is left in the channels that end at this height.
    mutating func releaseChannels() {
        for id in read(.endingChannels(height: context.height), as: DigestList.self)?.elements ?? [] {
            if let channel: Channel = read(.channel(id)) { refund(channel, id) }
        }
        remove(.endingChannels(height: context.height))
    }

    private mutating func refund(_ channel: Channel, _ id: Digest) {
        credit(channel.payer, channel.rest)
        remove(.channel(id))
        events.append(.channelClosed(id, refund: channel.rest))
    }

    private func channel(_ id: Digest) throws(Failure) -> Channel {
        guard let channel: Channel = read(.channel(id)) else { throw .unknownChannel(id) }
        return channel
    }

    private mutating func schedule(_ id: Digest, at height: UInt64) throws(Failure) {
        var ending = read(.endingChannels(height: height), as: DigestList.self) ?? DigestList()
        guard ending.elements.count < DigestList.limit else { throw .tooManyChannels(height: height) }
        ending.insert(id)
        write(.endingChannels(height: height), ending)
    }

    private mutating func unschedule(_ id: Digest, at height: UInt64) {
        var ending = read(.endingChannels(height: height), as: DigestList.self) ?? DigestList()
        ending.remove(id)
        if ending.elements.isEmpty {
            remove(.endingChannels(height: height))
        } else {
            write(.endingChannels(height: height), ending)
        }
    }
}
