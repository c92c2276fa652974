import Foundation
import Keys
import Testing
import Wire

@Suite("Key files")
struct KeyFileTests {
    /// Runs `body` with an empty directory that is removed after.
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "banyan-keys-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory.path())
    }

    private let passphrase = Array("correct horse".utf8)

    @Test("a key is read back, with and without a passphrase, from a file of mode 0600 and with nothing left beside it")
    func roundTrip() throws {
        try withDirectory { directory in
            for (name, secret) in [("clear", nil), ("sealed", passphrase)] as [(String, [UInt8]?)] {
                let file = KeyFile("\(directory)/\(name)")
                let key = try testKey(5)
                #expect(!file.exists)
                try file.create(key, passphrase: secret, cost: .least)
                #expect(file.exists)
                let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
                #expect(attributes[.posixPermissions] as? Int == 0o600)
                #expect(try file.read(passphrase: secret).seed == key.seed)
                let summary = try file.summary()
                #expect(summary.publicKey == key.publicKey && summary.isEncrypted == (secret != nil))
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == ["clear", "sealed"])
        }
    }

    @Test("a file that is there is never replaced")
    func noOverwrite() throws {
        try withDirectory { directory in
            let file = KeyFile("\(directory)/key")
            try file.create(try testKey(1))
            let error = KeyFileError.exists(path: file.path)
            #expect(throws: error) { try file.create(try testKey(2)) }
            #expect(try file.read().seed == testKey(1).seed)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["key"])
        }
    }

    @Test(
        "a file that others can read or write is refused, with its mode and the remedy",
        arguments: [0o640, 0o604, 0o620, 0o601, 0o777])
    func exposed(mode: Int) throws {
        try withDirectory { directory in
            let file = KeyFile("\(directory)/key")
            try file.create(try testKey(1))
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
            let error = #expect(throws: KeyFileError.self) { try file.read() }
            #expect(error == .exposed(path: file.path, mode: UInt32(mode)))
            let text = error?.description ?? ""
            #expect(text.contains("0\(String(mode, radix: 8))") && text.contains("chmod 600 '\(file.path)'"))
        }
    }

    @Test("no passphrase, an empty one and a wrong one are told apart from a good one")
    func passphrases() throws {
        try withDirectory { directory in
            let file = KeyFile("\(directory)/key")
            try file.create(try testKey(1), passphrase: passphrase, cost: .least)
            #expect(throws: KeyFileError.passphraseNeeded(path: file.path)) { try file.read() }
            #expect(throws: KeyFileError.passphraseNeeded(path: file.path)) { try file.read(passphrase: []) }
            #expect(throws: KeyFileError.wrongPassphrase(path: file.path)) { try file.read(passphrase: [1]) }
            #expect(throws: KeyFileError.wrongPassphrase(path: file.path)) {
                try file.read(passphrase: passphrase + [0])
            }
            #expect(throws: KeyFileError.self) { try KeyFile("\(directory)/b").create(try testKey(1), passphrase: []) }
        }
    }

    @Test("every changed bit, every truncation and every added byte of a file is refused", arguments: [false, true])
    func everyBit(isEncrypted: Bool) throws {
        try withDirectory { directory in
            let secret = isEncrypted ? passphrase : nil
            let file = KeyFile("\(directory)/key")
            try file.create(try testKey(1), passphrase: secret, cost: .least)
            let content = try [UInt8](Data(contentsOf: URL(filePath: file.path)))
            #expect(content.count == (isEncrypted ? 141 : 77))
            // One bit of each byte of a sealed file, since each costs an Argon2; all bits of one in clear.
            let step = isEncrypted ? 7 : 1
            for bit in stride(from: 0, to: content.count * 8, by: step) {
                try overwrite(file.path, flip(content, bit))
                #expect(throws: KeyFileError.self, "bit \(bit)") { try file.read(passphrase: secret) }
            }
            for length in 0..<content.count {
                try overwrite(file.path, Array(content[..<length]))
                #expect(throws: KeyFileError.self, "\(length) bytes") { try file.read(passphrase: secret) }
            }
            try overwrite(file.path, content + [0])
            #expect(throws: KeyFileError.self) { try file.read(passphrase: secret) }
            try overwrite(file.path, content)
            #expect(try file.read(passphrase: secret).seed == testKey(1).seed)
        }
    }

    @Test("what is no key file is refused with a reason: nothing, a directory, a large file, a later version")
    func notAKey() throws {
        try withDirectory { directory in
            #expect(throws: KeyFileError.unreadable(path: "\(directory)/none", reason: "No such file or directory")) {
                try KeyFile("\(directory)/none").read()
            }
            #expect(throws: KeyFileError.malformed(path: directory, reason: "it is not a regular file")) {
                try KeyFile(directory).read()
            }
            let file = KeyFile("\(directory)/key")
            try file.create(try testKey(1))
            var later = try [UInt8](Data(contentsOf: URL(filePath: file.path)))
            later[11] = 2
            try overwrite(file.path, later)
            #expect(throws: KeyFileError.unsupportedVersion(path: file.path, version: 2)) { try file.read() }
            try overwrite(file.path, [UInt8](repeating: 0, count: 1 << 20))
            #expect(throws: KeyFileError.malformed(path: file.path, reason: "it has 1048576 bytes")) { try file.read() }
            #expect(throws: KeyFileError.self) { try KeyFile("\(directory)/none/key").create(try testKey(1)) }
        }
    }

    @Test("two files of one key share no byte of salt, nonce or seal")
    func freshness() throws {
        try withDirectory { directory in
            var tails: Set<[UInt8]> = []
            for index in 0..<3 {
                let file = KeyFile("\(directory)/\(index)")
                try file.create(try testKey(1), passphrase: passphrase, cost: .least)
                tails.insert([UInt8](try Data(contentsOf: URL(filePath: file.path)).suffix(88)))
            }
            #expect(tails.count == 3)
        }
    }

    @Test("a cost outside the bounds is refused")
    func costs() {
        #expect(PassphraseCost(memory: 8 * 1024, passes: 1) == .least)
        for (memory, passes) in [(8 * 1024 - 1, 1), (1024 * 1024 + 1, 1), (8 * 1024, 0), (8 * 1024, 17)] {
            #expect(PassphraseCost(memory: UInt32(memory), passes: UInt32(passes)) == nil)
        }
    }

    /// Changes the content and keeps the mode.
    private func overwrite(_ path: String, _ content: [UInt8]) throws {
        let handle = try FileHandle(forWritingTo: URL(filePath: path))
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(content))
        try handle.close()
    }
}
