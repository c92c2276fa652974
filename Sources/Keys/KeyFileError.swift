/// Why a key file cannot be read or written, with the remedy.
package enum KeyFileError: Error, Hashable, CustomStringConvertible {
    /// There is a file already.
    case exists(path: String)
    /// The system refused; `reason` is its message.
    case unreadable(path: String, reason: String)
    case unwritable(path: String, reason: String)
    /// Others than the owner may read or write the file; `mode` are its permission bits.
    case exposed(path: String, mode: UInt32)
    /// The content is no key.
    case malformed(path: String, reason: String)
    /// Written by a later version of this program.
    case unsupportedVersion(path: String, version: UInt8)
    /// The key is encrypted and no passphrase was given.
    case passphraseNeeded(path: String)
    /// The passphrase is wrong, or the file was changed: the two cannot be told apart.
    case wrongPassphrase(path: String)
    /// Less memory than the file's key derivation needs, in KiB.
    case outOfMemory(path: String, needed: UInt32)

    package var description: String {
        switch self {
        case .exists(let path):
            "\(path) exists already, and a key is never overwritten; move it away or choose another path"
        case .unreadable(let path, let reason): "cannot read the key \(path): \(reason)"
        case .unwritable(let path, let reason): "cannot write the key \(path): \(reason)"
        case .exposed(let path, let mode):
            "others can read the key \(path): its mode is 0\(String(mode, radix: 8)); run: chmod 600 '\(path)'"
        case .malformed(let path, let reason): "\(path) is no key file: \(reason)"
        case .unsupportedVersion(let path, let version):
            "\(path) has the key format \(version), this program knows up to \(KeyFileFormat.version); update it"
        case .passphraseNeeded(let path): "the key \(path) is encrypted; give its passphrase"
        case .wrongPassphrase(let path): "wrong passphrase for the key \(path), or the file was changed"
        case .outOfMemory(let path, let needed):
            "the passphrase of \(path) needs \(needed / 1024) MiB of memory to check"
        }
    }
}
