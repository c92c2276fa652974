import API
import BanyanKit
import Foundation

/// Checks what an account has with two files and no network.
@main
struct VerifyProof {
    static func main() throws {
        guard CommandLine.arguments.count == 3 else {
            print("usage: verify-proof PROOF GENESIS, the files of 'banyan proof account' and of the network")
            return
        }
        do {
            let proof = try AccountProof(file: bytes(of: CommandLine.arguments[1]))
            let account = try proof.verify(genesis: bytes(of: CommandLine.arguments[2])).account
            print("\(account.account) has \(account.balance) seeds after block \(account.height)")
        } catch {
            print("not proven: \(error)")
            exit(1)
        }
    }

    static func bytes(of path: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(fileURLWithPath: path))) }
}
