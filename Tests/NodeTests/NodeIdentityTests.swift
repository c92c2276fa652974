import API
import Foundation
import Keys
import Node
import Store
import Testing

@Suite struct NodeIdentityTests {
    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func anIdentityIsMadeOnceAndFoundAgain() throws {
        let directory = try TemporaryDirectory()
        let made = try NodeIdentity.open(in: directory.path, passphrase: nil)
        let found = try NodeIdentity.open(in: directory.path, passphrase: nil)
        #expect(found.account.publicKey == made.account.publicKey)
        #expect(found.node.publicKey == made.node.publicKey)
        #expect(made.account.publicKey != made.node.publicKey)
        #expect(made.accountID == AccountID(made.account.publicKey))
        let other = try TemporaryDirectory()
        let elsewhere = try NodeIdentity.open(in: other.path, passphrase: nil)
        #expect(elsewhere.account.publicKey != made.account.publicKey)
    }

    @Test func onlyTheOwnerMayReadTheFiles() throws {
        let directory = try TemporaryDirectory()
        _ = try NodeIdentity.open(in: directory.path, passphrase: nil)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
                == ["account.key", "journal", "node.key"])
        for file in [NodeIdentity.accountFile(in: directory.path), NodeIdentity.nodeFile(in: directory.path)] {
            #expect(try mode(file.path) == 0o600)
        }
    }

    @Test func aFileThatOthersMayReadIsRefused() throws {
        let directory = try TemporaryDirectory()
        _ = try NodeIdentity.open(in: directory.path, passphrase: nil)
        let path = NodeIdentity.nodeFile(in: directory.path).path
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let problem = #expect(throws: Problem.self) { try NodeIdentity.open(in: directory.path, passphrase: nil) }
        #expect(problem?.type == "key-file")
        #expect(problem?.detail.contains(path) == true)
    }

    @Test func aSavedIdentityIsTheOneThatIsOpened() throws {
        let directory = try TemporaryDirectory()
        let identity = Town.identity("saved")
        try identity.save(in: directory.path)
        let found = try NodeIdentity.open(in: directory.path, passphrase: nil)
        #expect(found.account.publicKey == identity.account.publicKey)
        #expect(found.node.publicKey == identity.node.publicKey)
        // A key is never overwritten.
        #expect(throws: Problem.self) { try Town.identity("another").save(in: directory.path) }
        #expect(try NodeIdentity.open(in: directory.path, passphrase: nil).accountID == identity.accountID)
    }

    /// Else a validator with a new key would have to be silent until it knows that it never signed.
    @Test func aNewNodeKeyIsInTheJournalAndAnOldOneIsNot() throws {
        func records(_ directory: TemporaryDirectory) throws -> Int {
            try Journal.open(on: FileDisk(root: directory.path), directory: "journal").records().count
        }
        let directory = try TemporaryDirectory()
        let identity = try NodeIdentity.open(in: directory.path, passphrase: nil)
        #expect(try records(directory) == 1)
        _ = try NodeIdentity.open(in: directory.path, passphrase: nil)
        #expect(try records(directory) == 1)
        let copy = try TemporaryDirectory()
        try NodeIdentity.accountFile(in: copy.path).create(identity.account)
        try NodeIdentity.nodeFile(in: copy.path).create(identity.node)
        _ = try NodeIdentity.open(in: copy.path, passphrase: nil)
        #expect(try records(copy) == 0)
    }

    @Test func anEncryptedIdentityNeedsItsPassphrase() throws {
        let directory = try TemporaryDirectory()
        let identity = Town.identity("secret")
        let passphrase = "correct horse"
        try NodeIdentity.accountFile(in: directory.path).create(
            identity.account, passphrase: Array(passphrase.utf8), cost: .least)
        try NodeIdentity.nodeFile(in: directory.path).create(
            identity.node, passphrase: Array(passphrase.utf8), cost: .least)
        #expect(try NodeIdentity.open(in: directory.path, passphrase: passphrase).accountID == identity.accountID)
        for wrong in [nil, "", "Correct horse", passphrase + " "] {
            let problem = #expect(throws: Problem.self) { try NodeIdentity.open(in: directory.path, passphrase: wrong) }
            #expect(problem?.type == "key-file")
            #expect(problem?.detail.contains("account.key") == true)
        }
    }

    @Test func aMissingDirectoryIsAProblemWithItsName() throws {
        let path = try TemporaryDirectory().path + "/missing"
        let problem = #expect(throws: Problem.self) { try NodeIdentity.open(in: path, passphrase: nil) }
        #expect(problem?.detail.contains(path) == true)
    }
}
