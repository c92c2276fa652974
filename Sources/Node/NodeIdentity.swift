package import API
import Foundation
package import Keys

/// The two keys of a node, kept in its data directory.
package struct NodeIdentity: Sendable {
    /// Owns balance and stake; signs what moves them.
    package let account: SigningKey
    /// Names the node on the network; signs votes and work.
    package let node: SigningKey

    package var accountID: AccountID { AccountID(account.publicKey) }

    package init(account: SigningKey, node: SigningKey) {
        self.account = account
        self.node = node
    }

    package static func accountFile(in directory: String) -> KeyFile { KeyFile(directory + "/account.key") }
    package static func nodeFile(in directory: String) -> KeyFile { KeyFile(directory + "/node.key") }

    /// Reads the keys of a data directory, making those that are missing.
    /// - Throws: ``Problem`` naming the file.
    package static func open(in directory: String, passphrase: String?) throws(Problem) -> NodeIdentity {
        NodeIdentity(
            account: try open(accountFile(in: directory), passphrase: passphrase),
            node: try open(nodeFile(in: directory), passphrase: passphrase))
    }

    private static func open(_ file: KeyFile, passphrase: String?) throws(Problem) -> SigningKey {
        do throws(KeyFileError) {
            let secret = passphrase.map { Array($0.utf8) }
            guard file.exists else {
                let key = SigningKey.generate()
                try file.create(key, passphrase: secret)
                return key
            }
            return try file.read(passphrase: secret)
        } catch {
            throw Problem("key-file", status: 500, "\(error)")
        }
    }

    /// Writes both keys into an empty data directory.
    package func save(in directory: String) throws(Problem) {
        do throws(KeyFileError) {
            try Self.accountFile(in: directory).create(account)
            try Self.nodeFile(in: directory).create(node)
        } catch {
            throw Problem("key-file", status: 500, "\(error)")
        }
    }
}
