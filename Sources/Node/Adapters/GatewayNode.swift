import API
import Chain
import Consensus
import Gateway
import Keys
import Ledger
import Store
import Swarm
import Wire

/// What the gateway asks of this node.
struct GatewayNode: NodePort {
    let name: String
    let version: String
    let identity: NodeIdentity
    let genesis: Genesis
    let chain: ChainService
    let swarm: SwarmService
    let blobs: BlobStore
    let transactions: TransactionIndex
    let channels: ChannelReports
    let models: LanguageModels
    let start = ContinuousClock.now

    func status() async -> NodeStatus {
        let head = await chain.head
        let peers = await swarm.connectedPeers
        let traffic = await swarm.traffic
        let supply = head.state.supply
        return NodeStatus(
            name: name, peer: "\(swarm.peer)", account: "\(identity.accountID)", version: version,
            chain: "\(await chain.chain)", genesis: "\(genesis.digest)", height: head.height, block: "\(head.blockID)",
            blockTime: head.time, stateRoot: "\(head.state.root)", isValidator: await chain.isValidator,
            validators: head.state.validators(at: head.time).count, peers: peers.count,
            pending: await chain.pendingCount,
            listening: swarm.listenAddresses.map { "\($0)" },
            uptimeSeconds: UInt64(start.duration(to: .now).components.seconds),
            supply: SupplyReport(
                minted: String(supply.minted.seeds), accounted: String(supply.accounted.seeds),
                conserved: supply.isConserved),
            bytesSent: traffic.sent, bytesReceived: traffic.received,
            troubles: [await chain.trouble].compactMap(\.self).map {
                Trouble(detail: $0.detail, remedy: $0.remedy, since: $0.since)
            } + (await models.troubles))
    }

    func peers() async -> [PeerReport] {
        await swarm.peers().map { peer in
            PeerReport(
                peer: "\(peer.id)", addresses: peer.addresses.map { "\($0)" }, agent: peer.agent,
                protocols: peer.protocols, direction: peer.isOutbound ? "outbound" : "inbound",
                roundTripMilliseconds: peer.roundTrip.map { $0 / .milliseconds(1) }, bytesReceived: peer.bytesReceived,
                bytesSent: peer.bytesSent)
        }
    }

    func account(_ text: String) async throws(Problem) -> AccountReport {
        let id = try parse(account: text)
        let head = await chain.head
        guard let account = head.state.account(id) else {
            throw .notFound("Nobody has paid anything to the account \(text) yet.")
        }
        return AccountReport(
            account: text, balance: String(account.balance.seeds), stake: String(account.stake.seeds),
            unbonding: String(account.unbondingTotal.seeds), reputationLevel: Int(account.reputation.level),
            node: account.node.map { "\($0.node)" }, height: head.height,
            channels: id == identity.accountID ? await channels.all(in: head.state) : nil)
    }

    func nonce(of signer: String) async throws(Problem) -> NonceReport {
        guard let key = Hex.decode(signer).flatMap({ PublicKey(bytes: $0) }) else {
            throw .invalid("'\(signer)' is no public key.", remedy: "It is 64 hexadecimal digits.")
        }
        return NonceReport(signer: signer, next: await chain.nextNonce(of: key))
    }

    func proof(of account: String) async throws(Problem) -> ProofReport {
        guard let bundle = await chain.proof(of: .account(try parse(account: account))) else {
            throw .refused("The chain has no block yet that could prove anything.", remedy: "Try again in a moment.")
        }
        return ProofReport(bundle: Hex.encode(bundle.canonicalBytes))
    }

    func blocks(from height: UInt64?, limit: Int) async throws(Problem) -> [BlockReport] {
        let head = await chain.head.height
        let last = min(height ?? head, head)
        let first = last >= UInt64(limit) ? last - UInt64(limit) + 1 : 1
        guard last >= first else { return [] }
        let blocks: [DecidedBlock]
        do { blocks = try await chain.blocks(from: first, limit: Int(last - first + 1)) } catch {
            throw Problem("damaged", status: 500, "The blocks from \(first) on cannot be read: \(error)")
        }
        return blocks.reversed().map(Self.report)
    }

    func block(at height: UInt64) async throws(Problem) -> BlockReport {
        let block: DecidedBlock?
        do { block = try await chain.block(at: height) } catch {
            throw Problem("damaged", status: 500, "The block at \(height) cannot be read: \(error)")
        }
        guard let block else {
            throw .notFound("There is no block \(height); the last one is \(await chain.head.height).")
        }
        return Self.report(block)
    }

    func submit(_ submission: TransactionSubmission) async throws(Problem) -> TransactionReport {
        guard let bytes = Hex.decode(submission.transaction) else {
            throw .invalid("'transaction' is not hexadecimal.")
        }
        let transaction: Transaction
        do throws(WireError) { transaction = try Transaction(canonicalBytes: bytes) } catch {
            throw .invalid("'transaction' is no canonical transaction: \(error)")
        }
        do {
            let id = try await chain.submit(transaction)
            return TransactionReport(id: "\(id)", outcome: .pending)
        } catch ChainError.waiting(let trouble) {
            throw Problem("waiting", status: 503, trouble.detail, remedy: trouble.remedy)
        } catch {
            throw .refused("The transaction is refused: \(error)")
        }
    }

    func transaction(_ text: String) async throws(Problem) -> TransactionReport {
        guard let id = Digest(hex: text) else { throw .invalid("'\(text)' is no transaction id.") }
        if let report = transactions[id] { return report }
        let isPending = await chain.pending(id) != nil
        return TransactionReport(id: text, outcome: isPending ? .pending : .unknown)
    }

    func jobs() async -> [JobReport] {
        let state = await chain.head.state
        return state.openJobs.compactMap { id in state.job(id).map { Self.report($0, id: id) } }
    }

    func job(_ text: String) async throws(Problem) -> JobReport {
        guard let id = Digest(hex: text) else { throw .invalid("'\(text)' is no job id.") }
        guard let record = await chain.head.state.job(id) else { throw .notFound("There is no job \(text).") }
        return Self.report(record, id: id)
    }

    func store(_ submission: BlobSubmission) async throws(Problem) -> BlobReport {
        guard let bytes = Hex.decode(submission.bytes) else { throw .invalid("'bytes' is not hexadecimal.") }
        do throws(StoreError) { return BlobReport(digest: "\(try blobs.put(bytes))") } catch {
            throw .refused("The blob cannot be stored: \(error)")
        }
    }

    func blob(_ text: String) async throws(Problem) -> [UInt8] {
        guard let digest = Digest(hex: text) else { throw .invalid("'\(text)' is no digest.") }
        do throws(StoreError) {
            if let bytes = try blobs.get(digest) { return bytes }
        } catch { throw Problem("damaged", status: 500, "The blob \(text) cannot be read: \(error)") }
        throw .notFound("This node does not hold the blob \(text).")
    }

    private func parse(account: String) throws(Problem) -> AccountID {
        guard let id = AccountID(account) else {
            throw .invalid(
                "'\(account)' is no account.", remedy: "An account looks like ban1…; its last letters are a checksum.")
        }
        return id
    }

    private static func report(_ decided: DecidedBlock) -> BlockReport {
        let block = decided.block
        return BlockReport(
            height: block.height, id: "\(block.id)", time: block.header.time, proposer: "\(block.header.proposer)",
            stateRoot: "\(block.header.stateRoot)",
            transactions: block.transactions.map {
                BlockReport.Item(id: "\($0.id)", operation: $0.operation.name, sender: "\($0.sender)")
            }, signatures: block.lastCommit?.signatureCount ?? 0)
    }

    private static func report(_ record: JobRecord, id: Digest) -> JobReport {
        JobReport(
            id: "\(id)", owner: "\(record.owner)", phase: "\(record.phase)", round: record.round,
            rounds: record.job.rounds, model: "\(record.model)", budget: String(record.job.budget.seeds),
            trainers: record.trainers.map { "\($0)" }, deadline: record.deadline == 0 ? nil : record.deadline)
    }
}
