import API
import Foundation

enum Passphrase {
    /// The first line of a file that only its owner may read.
    static func read(from path: String) throws -> String {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let mode = attributes[.posixPermissions] as? Int,
            let text = try? String(contentsOfFile: path, encoding: .utf8)
        else { throw Problem.invalid("The passphrase file '\(path)' cannot be read.") }
        guard mode & 0o077 == 0 else {
            throw Problem.invalid("Others may read the passphrase file '\(path)'.", remedy: "Run: chmod 600 '\(path)'")
        }
        let line = text.prefix { $0 != "\n" }
        guard !line.isEmpty else { throw Problem.invalid("The passphrase file '\(path)' is empty.") }
        return String(line)
    }
}
