package import Keys
package import Wire

/// The first state of a network. Its digest names the chain.
package struct Genesis: Hashable, Sendable, Canonical {
    package struct Holder: Hashable, Sendable, Canonical {
        package var account: AccountID
        package var balance: Amount
        /// Part of nobody's balance.
        package var stake: Amount
        /// The node key that works for the account; a validator needs one.
        package var node: NodeCertificate?

        package init(account: AccountID, balance: Amount, stake: Amount = .zero, node: NodeCertificate? = nil) {
            self.account = account
            self.balance = balance
            self.stake = stake
            self.node = node
        }

        package func encode(into writer: inout ByteWriter) {
            writer.write(account)
            writer.write(balance)
            writer.write(stake)
            writer.write(optional: node)
        }
        package static func decode(from reader: inout ByteReader) throws(WireError) -> Holder {
            Holder(
                account: try reader.read(), balance: try reader.read(), stake: try reader.read(),
                node: try reader.readOptional())
        }
    }

    /// 10,000 accounts at the start.
    package static let holderLimit = 10_000
    package static let nameLimit = 40

    package var name: String
    /// Milliseconds since 1970.
    package var time: UInt64
    package var parameters: Parameters
    /// By ascending account.
    package var holders: [Holder]

    package init(name: String, time: UInt64, parameters: Parameters, holders: [Holder]) {
        self.name = name
        self.time = time
        self.parameters = parameters
        self.holders = holders.sorted { $0.account < $1.account }
    }

    package var digest: Digest { digest("genesis") }

    package func encode(into writer: inout ByteWriter) {
        writer.write(name)
        writer.write(time)
        writer.write(parameters)
        writer.write(list: holders)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Genesis {
        let name = try reader.readString(limit: nameLimit)
        let time = try reader.readUInt64()
        let parameters = try reader.read(Parameters.self)
        let holders = try reader.readList(Holder.self, limit: holderLimit)
        guard zip(holders, holders.dropFirst()).allSatisfy({ $0.account < $1.account }) else {
            throw .invalid("accounts are not in ascending order")
        }
        return Genesis(name: name, time: time, parameters: parameters, holders: holders)
    }
}

/// Why a genesis starts no chain.
package enum GenesisError: Error, Hashable, Sendable, CustomStringConvertible {
    case noValidator
    case supplyTooLarge
    case repeatedAccount(AccountID)
    case certificate(AccountID)
    case parameters(String)

    package var description: String {
        switch self {
        case .parameters(let text): "the parameters contradict each other: \(text)"
        case .noValidator: "no account has the stake and the node key of a validator"
        case .supplyTooLarge: "the amounts add up to more than 64 bits of seeds"
        case .repeatedAccount(let account): "the account \(account) appears twice"
        case .certificate(let account): "the node certificate of \(account) is not valid at the time of the genesis"
        }
    }
}
