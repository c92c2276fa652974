package import API
import Chain
import Foundation
package import Keys
import Store

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
        let secret = passphrase.map { Array($0.utf8) }
        let (accountFile, nodeFile) = (accountFile(in: directory), nodeFile(in: directory))
        let account = accountFile.exists ? try read(accountFile, secret) : try create(.generate(), accountFile, secret)
        let node = nodeFile.exists ? try read(nodeFile, secret) : try createNode(.generate(), in: directory, secret)
        return NodeIdentity(account: account, node: node)
    }

    /// Writes both keys, which nobody has used yet, into an empty data directory.
    package func save(in directory: String) throws(Problem) {
        _ = try Self.create(account, Self.accountFile(in: directory), nil)
        _ = try Self.createNode(node, in: directory, nil)
    }

    private static func read(_ file: KeyFile, _ secret: [UInt8]?) throws(Problem) -> SigningKey {
        do { return try file.read(passphrase: secret) } catch { throw Problem("key-file", status: 500, "\(error)") }
    }

    private static func create(_ key: SigningKey, _ file: KeyFile, _ secret: [UInt8]?) throws(Problem) -> SigningKey {
        do { try file.create(key, passphrase: secret) } catch { throw Problem("key-file", status: 500, "\(error)") }
        return key
    }

    /// The chain's journal says that the key has signed nothing before there is a key to sign with.
    private static func createNode(
        _ key: SigningKey, in directory: String, _ secret: [UInt8]?
    ) throws(Problem) -> SigningKey {
        let file = nodeFile(in: directory)
        guard !file.exists else { throw Problem("key-file", status: 500, "\(KeyFileError.exists(path: file.path))") }
        do { try ChainStorage.recordNewKey(key.publicKey, on: FileDisk(root: directory)) } catch {
            throw Problem("key-file", status: 500, "\(directory): \(error)")
        }
        return try create(key, file, secret)
    }
}
