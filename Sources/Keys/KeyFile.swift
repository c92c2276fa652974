internal import Glibc
internal import Wire

/// A file that holds one signing key, readable by its owner only (mode 0600), encrypted when a passphrase is given.
package struct KeyFile: Sendable {
    package let path: String

    package init(_ path: String) { self.path = path }

    /// Writes `key` to a file that does not exist yet: to a neighbour first, synced, then linked into place. After a crash
    /// there is either the whole file or none.
    /// - Parameters:
    ///   - passphrase: UTF-8, not empty; nil leaves the key in clear. The copy is the caller's to zero.
    ///   - cost: what each guess at the passphrase costs.
    package func create(
        _ key: SigningKey, passphrase: [UInt8]? = nil, cost: PassphraseCost = .standard
    ) throws(KeyFileError) {
        var content = try KeyFileFormat.encode(key, passphrase: passphrase, cost: cost, path: path)
        defer { content.zero() }
        let temporary = "\(path).\(Hex.encode(SecureRandom.bytes(8))).tmp"
        defer { unsafe _ = unlink(temporary) }
        try writeNew(content, to: temporary)
        // link() never replaces a file, as rename() would.
        guard unsafe link(temporary, path) == 0 else {
            if errno == EEXIST { throw .exists(path: path) }
            throw .unwritable(path: path, reason: Self.systemMessage())
        }
        try syncDirectory()
    }

    /// - Parameter passphrase: UTF-8; ignored when the key is in clear.
    package func read(passphrase: [UInt8]? = nil) throws(KeyFileError) -> SigningKey {
        var content = try contents()
        defer { content.zero() }
        return try KeyFileFormat.decode(content, passphrase: passphrase, path: path)
    }

    /// The public key, and whether a passphrase is needed for the other half. For an encrypted key this trusts the file.
    package func summary() throws(KeyFileError) -> (publicKey: PublicKey, isEncrypted: Bool) {
        var content = try contents()
        defer { content.zero() }
        return try KeyFileFormat.summary(of: content, path: path)
    }

    /// Whether there is something at the path.
    package var exists: Bool { unsafe access(path, F_OK) == 0 }

    private func writeNew(_ content: [UInt8], to temporary: String) throws(KeyFileError) {
        let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw .unwritable(path: path, reason: Self.systemMessage()) }
        defer { close(file) }
        // The umask may have taken bits away, but it cannot add any: set exactly 0600.
        guard fchmod(file, 0o600) == 0 else { throw .unwritable(path: path, reason: Self.systemMessage()) }
        var written = 0
        while written < content.count {
            let count = unsafe content.withUnsafeBytes { bytes in
                unsafe Glibc.write(file, bytes.baseAddress?.advanced(by: written), content.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .unwritable(path: path, reason: Self.systemMessage()) }
            written += count
        }
        guard fsync(file) == 0 else { throw .unwritable(path: path, reason: Self.systemMessage()) }
    }

    private func syncDirectory() throws(KeyFileError) {
        let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let directory = unsafe open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw .unwritable(path: path, reason: Self.systemMessage()) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw .unwritable(path: path, reason: Self.systemMessage()) }
    }

    private func contents() throws(KeyFileError) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw .unreadable(path: path, reason: Self.systemMessage()) }
        defer { close(file) }
        // Of the open file, not of the path: nobody can exchange it in between.
        var status = stat()
        guard unsafe fstat(file, &status) == 0 else { throw .unreadable(path: path, reason: Self.systemMessage()) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .malformed(path: path, reason: "it is not a regular file")
        }
        guard status.st_mode & 0o077 == 0 else { throw .exposed(path: path, mode: status.st_mode & 0o7777) }
        guard status.st_size <= KeyFileFormat.longest else {
            throw .malformed(path: path, reason: "it has \(status.st_size) bytes")
        }
        var content = [UInt8](repeating: 0, count: KeyFileFormat.longest + 1)
        defer { content.zero() }
        var length = 0
        while length < content.count {
            let count = unsafe content.withUnsafeMutableBytes { bytes in
                unsafe Glibc.read(file, bytes.baseAddress?.advanced(by: length), bytes.count - length)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(path: path, reason: Self.systemMessage()) }
            if count == 0 { break }
            length += count
        }
        return Array(content[..<length])
    }

    private static func systemMessage() -> String {
        unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
    }
}
