import Keys

extension Execution {
    /// Binds a node key to the account until another replaces it.
    mutating func register(_ certificate: NodeCertificate, for sender: AccountID) throws(Failure) {
        guard certificate.account == sender, certificate.isValid(at: context.time / 1000) else { throw .certificate }
        try change(sender) { account in account.node = certificate }
        write(.nodeKey(sender, certificate.node), certificate)
        events.append(.nodeRegistered(sender, certificate.node))
    }
}
