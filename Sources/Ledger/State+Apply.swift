package import Keys

extension State {
    /// Applies one block.
    ///
    /// In this order: withdrawals that come free and channels that end, offences, transactions, rounds and answers whose time has come,
    /// fees to the proposer. A
    /// transaction that fails keeps its fee and changes nothing else.
    /// - Parameters:
    ///   - verified: ids of transactions whose signature the caller has verified before.
    ///   - referee: conducts the disputes; the same on all nodes of a chain.
    /// - Throws: ``BlockRejection``; the state is then unchanged.
    package mutating func apply(
        _ transactions: [Transaction], in context: BlockContext, trusting verified: Set<Digest> = [],
        referee: any DisputeReferee = NoDisputes()
    ) throws(BlockRejection) -> BlockOutcome {
        var execution = Execution(state: self, context: context, referee: referee)
        execution.releaseWithdrawals()
        execution.releaseChannels()
        for offence in context.offences { execution.punish(offence) }
        var results: [TransactionResult] = []
        for (index, transaction) in transactions.enumerated() {
            let id = transaction.id
            do throws(Rejection) { try execution.admit(transaction, verifiedSignature: verified.contains(id)) } catch {
                throw .transaction(index: index, error)
            }
            do throws(Failure) {
                try execution.attempt { trial throws(Failure) in try trial.perform(transaction, id: id) }
                results.append(TransactionResult(id: id, code: 0, failure: nil))
            } catch {
                results.append(TransactionResult(id: id, code: error.code, failure: "\(error)"))
            }
        }
        execution.advanceRounds()
        execution.advanceAnswers()
        execution.credit(context.proposer, Amount(seeds: execution.fees))
        let supply = execution.supplyAfter(self.supply)
        guard supply.isConserved else {
            throw .supplyNotConserved(accounted: supply.accounted, minted: supply.minted)
        }
        execution.write(.totals, supply)
        tree = execution.commit()
        return BlockOutcome(results: results, events: execution.events)
    }
}

extension Execution {
    /// Takes the fee and the nonce of a transaction that may be in this block.
    mutating func admit(_ transaction: Transaction, verifiedSignature: Bool) throws(Rejection) {
        var account = account(transaction.sender)
        try state.check(
            transaction, nonce: (read(.nonce(transaction.signer)) ?? 0) + 1, account: account,
            minimumFee: parameters.minimumFee, time: context.time, verifiedSignature: verifiedSignature)
        account.balance -= transaction.fee
        fees += transaction.fee.seeds
        write(.account(transaction.sender), account)
        write(.nonce(transaction.signer), transaction.nonce)
    }

    mutating func perform(_ transaction: Transaction, id: Digest) throws(Failure) {
        let sender = transaction.sender
        switch transaction.operation {
        case .transfer(let recipient, let amount): try transfer(from: sender, to: recipient, amount)
        case .stake(let amount): try stake(sender, amount)
        case .unstake(let amount): try unstake(sender, amount)
        case .registerNode(let certificate): try register(certificate, for: sender)
        case .postJob(let job): try post(job, id: id, owner: sender)
        case .joinJob(let job): try join(job, sender)
        case .openRound(let job): try openFirstRound(job, owner: sender)
        case .receipt(let receipt): try record(receipt, from: sender)
        case .verdict(let verdict): try record(verdict, from: sender)
        case .aggregate(let aggregate): try record(aggregate, from: sender)
        case .openChannel(let terms): try open(terms, id: id, payer: sender)
        case .topUpChannel(let channel, let amount): try topUp(channel, amount, payer: sender)
        case .claimChannel(let voucher): try claim(voucher, payee: sender)
        case .closeChannel(let channel): try closeChannel(channel, by: sender)
        case .recordAnswers(let answers): try record(answers, from: sender)
        case .accuse(let accusation): try accuse(accusation, by: sender)
        case .reportEquivocation(let equivocation): try report(equivocation, by: sender)
        case .auditCommit(let commitment): try commit(commitment, by: sender)
        case .auditReveal(let reveal): try self.reveal(reveal, by: sender)
        case .volunteer(let wanted): try volunteer(sender, wanted)
        case .openDispute(let opening): try open(opening, by: sender)
        case .disputeMove(let turn): try take(turn, by: sender)
        case .plead(let plant): try plead(plant, by: sender)
        case .showWitness(let shown): try show(shown, by: sender)
        }
    }
}
