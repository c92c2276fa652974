import Foundation
import Keys
import Testing
import Transport
import Wire

/// Published transcripts of `Noise_XX_25519_ChaChaPoly_SHA256`; Fixtures/noise/SOURCE.md names their origin.
struct NoiseVector: Decodable, Sendable {
    struct Message: Decodable, Sendable {
        let payload: String
        let ciphertext: String
    }
    let set: String
    let init_prologue: String
    let resp_prologue: String
    let init_static: String
    let init_ephemeral: String
    let resp_static: String
    let resp_ephemeral: String
    let handshake_hash: String?
    let messages: [Message]

    static func load() throws -> [NoiseVector] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/noise/xx_25519_chachapoly_sha256.json")
        return try JSONDecoder().decode([NoiseVector].self, from: Data(contentsOf: file))
    }
}

@Suite("Noise XX vectors")
struct NoiseVectorTests {
    @Test("all four published transcripts are reproduced byte for byte, prologue, hash and channel included")
    func vectors() throws {
        let vectors = try NoiseVector.load()
        #expect(
            vectors.map(\.set).sorted() == ["bitchat_xx.json", "cacophony.json", "noise-c-basic.json", "snow.json"])
        var messages = 0
        for vector in vectors {
            func pair(_ hex: String) throws -> X25519 {
                let bytes = try #require(Hex.decode(hex))
                return try #require(X25519(privateKey: bytes))
            }
            var initiator = NoiseHandshake(
                role: .initiator, static: try pair(vector.init_static), ephemeral: try pair(vector.init_ephemeral),
                prologue: try #require(Hex.decode(vector.init_prologue)))
            var responder = NoiseHandshake(
                role: .responder, static: try pair(vector.resp_static), ephemeral: try pair(vector.resp_ephemeral),
                prologue: try #require(Hex.decode(vector.resp_prologue)))
            for index in 0..<3 {
                let payload = try #require(Hex.decode(vector.messages[index].payload))
                let message: [UInt8]
                let read: [UInt8]
                if index.isMultiple(of: 2) {
                    message = try initiator.write(payload)
                    read = try responder.read(message)
                } else {
                    message = try responder.write(payload)
                    read = try initiator.read(message)
                }
                #expect(Hex.encode(message) == vector.messages[index].ciphertext)
                #expect(read == payload)
                messages += 1
            }
            #expect(initiator.remoteStatic == (try pair(vector.resp_static)).publicKey)
            #expect(responder.remoteStatic == (try pair(vector.init_static)).publicKey)
            #expect(initiator.handshakeHash == responder.handshakeHash)
            if let hash = vector.handshake_hash { #expect(Hex.encode(initiator.handshakeHash) == hash) }
            var near = try initiator.split()
            var far = try responder.split()
            for index in 3..<vector.messages.count {
                let payload = try #require(Hex.decode(vector.messages[index].payload))
                // The fourth message is the responder's, whichever came before.
                if index.isMultiple(of: 2) {
                    let sealed = try near.send.seal(payload)
                    #expect(Hex.encode(sealed) == vector.messages[index].ciphertext)
                    #expect(try far.receive.open(sealed) == payload)
                } else {
                    let sealed = try far.send.seal(payload)
                    #expect(Hex.encode(sealed) == vector.messages[index].ciphertext)
                    #expect(try near.receive.open(sealed) == payload)
                }
                messages += 1
            }
        }
        #expect(messages == 6 + 5 + 6 + 6)
    }
}
